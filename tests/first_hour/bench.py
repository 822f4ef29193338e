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
WITH_OTHERS = """
@action
def {name}(evse_id=None):
    bench("{name}")
"""
OTHERS = ("suspend", "resume", "cut_power", "restore_power")


def filled(skeleton: str, port: int) -> str:
    """Return the adapter with its functions taken out of their comments, each moving the bench at a port."""
    lines = []
    for line in skeleton.splitlines():
        bare = line.removeprefix("# ")
        if line.startswith("# @action"):
            lines.append("@action")
        elif line.startswith("# def "):
            name = bare.removeprefix("def ").partition("(")[0]
            lines += [bare, f'    bench("{name}", **locals())']
        elif not line.startswith('#     """'):
            lines.append(line)
    text = "\n".join(lines) + "\n"
    head, mark, rest = text.partition("class Hand(")
    others = "".join(WITH_OTHERS.format(name=name) for name in OTHERS)
    return head + BY_HAND.format(port=port) + others + "\n\n" + mark + rest
