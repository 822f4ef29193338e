"""How somebody who owns a bench fills in the adapter that `ohmstead lab adapter` prints."""

BY_HAND = """
def bench(action, **arguments):
    import socket

    with socket.create_connection(("127.0.0.1", {port})) as line:
        line.sendall(json.dumps({{"action": action, **arguments}}).encode() + b"\\n")
        problem = line.makefile().readline().strip()
    if problem:
        raise RuntimeError(problem)


"""
OTHERS = ("suspend", "resume", "cut_power", "restore_power")
NAMED = "    # And in the same way: "


def filled(skeleton: str, port: int) -> str:
    """Return the adapter with its functions taken out of their comments, each moving the bench at a port."""
    lines = []
    for line in skeleton.splitlines():
        written = line.removeprefix("    # def ").partition(": ...")[0]
        if line.startswith("    # def "):
            name = written.partition("(")[0]
            lines += [f"    def {written}:", f'        bench("{name}", **locals())']
        elif line.startswith(NAMED):
            lines += [f'    def {name}(evse_id=None):\n        bench("{name}")' for name in OTHERS]
        elif not line.startswith("    # "):
            lines.append(line)
    head, mark, rest = ("\n".join(lines) + "\n").partition("class Bench:")
    return head + BY_HAND.format(port=port) + mark + rest
