# A station with its CSMS and its page, or anything else that `ohmstead` does. BASE is any image with Python 3.11 or newer
# and its venv: docker build --build-arg BASE=my.registry/python:3.13-slim .
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY tools/record_commit.py ./tools/
COPY src ./src
# What `ohmstead --version` names: docker build --build-arg COMMIT=$(git rev-parse HEAD) .
ARG COMMIT=
# The locked versions of what a station needs; the lock has the tools of development too, which stay out.
RUN if [ -n "$COMMIT" ]; then echo "$COMMIT" > src/ohmstead/commit.txt; fi \
    && sed -e '/^ *--hash/d' -e 's/ *\\$//' requirements.lock > constraints.txt \
    && python3 -m venv /opt/ohmstead \
    && /opt/ohmstead/bin/python -m pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM ${BASE}
COPY --from=build /opt/ohmstead /opt/ohmstead
RUN useradd --no-log-init --no-create-home --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin ohmstead \
    && mkdir -m 0700 /data && chown ohmstead:ohmstead /data
ENV PATH=/opt/ohmstead/bin:$PATH OHMSTEAD_DATA=/data PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Whoever publishes the port sets OHMSTEAD_TOKEN: others than this container could use the station.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:8080/api/v1/health', headers={'Authorization': 'Bearer ' + os.environ.get('OHMSTEAD_TOKEN', '')}), timeout=4)"]
ENTRYPOINT ["ohmstead"]
CMD ["run", "--headless", "--host", "0.0.0.0", "--port", "8080"]
