# Two stages: wheels are built and hash-checked in the first, the second only runs.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/kliping
WORKDIR /src
COPY requirements.lock ./
COPY docs/requirements-parquet.lock docs/
RUN /opt/kliping/bin/pip install --only-binary :all: --require-hashes \
    -r requirements.lock -r docs/requirements-parquet.lock
COPY . .
RUN /opt/kliping/bin/pip install --no-deps .
# Unpacked here, for the container's own file system is read-only.
RUN XDG_CACHE_HOME=/opt/kliping/cache /opt/kliping/bin/python -m crawler.extract.language.model

FROM python:3.12-slim
ENV PATH=/opt/kliping/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/opt/kliping/cache KLIPING_STORAGE__FOLDER=/data
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin kliping \
    && install -d -o kliping -g kliping /data
COPY --from=build /opt/kliping /opt/kliping
USER 10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# The pages listen on loopback: run with the host's network (compose.yaml), or give out
# a token and set service.address (docs/access.md).
# The service writes into its folder where it is reached (service.address, service.port).
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "import os, pathlib, urllib.request as u, storage.folder as f; u.urlopen(f.read_holder(pathlib.Path(os.environ['KLIPING_STORAGE__FOLDER']))['address'] + '/healthz', timeout=4)"]
ENTRYPOINT ["kliping"]
CMD ["serve"]
