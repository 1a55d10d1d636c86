# A target for each service, one for training, one for the command line:
#   docker build --target inference -t epione/inference .
# Debian's own Python 3.13 and nothing to install or compile with: an image is what its lock in
# requirements/ says, and the code. It runs as nobody's account, on a root that can be read-only;
# genomics copies a genome that it fetches into /tmp.
# Build arguments, where packages come from elsewhere: PIP_INDEX_URL, UV_DEFAULT_INDEX.

FROM debian:trixie-slim AS base
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 tzdata >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log
# onnxruntime 1.32 sends what it is used for to its maker, unless it is told not to.
ENV PATH=/opt/epione/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1

FROM base AS build
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates python3-venv >/dev/null
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    VIRTUAL_ENV=/opt/epione UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /src
COPY requirements/bootstrap.txt requirements/
RUN python3 -m venv /opt/tools \
 && /opt/tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt \
 && ln -s /opt/tools/bin/uv /usr/local/bin/uv \
 && uv venv -q /opt/epione

# The code alone, as it lies beside its requirements.
FROM build AS code
COPY pyproject.toml README.md LICENSE ./
COPY proto proto
COPY shared shared
COPY services services
RUN /opt/tools/bin/python -m hatchling build -t wheel -d /wheels >/dev/null \
 && uv pip install -q --no-deps --no-index --python /opt/epione/bin/python --prefix /code /wheels/*.whl

FROM build AS ingestion-requirements
COPY requirements/ingestion.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/ingestion.txt

FROM build AS genomics-requirements
COPY requirements/genomics.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/genomics.txt

FROM build AS inference-requirements
COPY requirements/inference.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/inference.txt

FROM build AS cli-requirements
COPY requirements/runtime.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/runtime.txt

FROM base AS service
USER 10001:10001
WORKDIR /tmp
EXPOSE 9464

FROM service AS ingestion
COPY --from=ingestion-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
EXPOSE 8080
CMD ["python", "-m", "epione_ingestion"]

FROM service AS genomics
COPY --from=genomics-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
CMD ["python", "-m", "epione_genomics"]

FROM service AS inference
COPY --from=inference-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
CMD ["python", "-m", "epione_inference"]

FROM service AS cli
COPY --from=cli-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
ENTRYPOINT ["epione"]

# What is large comes last: a builder that makes every stage before its target leaves it out.
FROM build AS gpu-requirements
COPY requirements/gpu.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/gpu.txt

FROM service AS inference-gpu
COPY --from=gpu-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
# onnxruntime looks for the wheels of CUDA and cuDNN where the loader looks.
ENV LD_LIBRARY_PATH=/opt/epione/lib/python3.13/site-packages/nvidia/cu13/lib:/opt/epione/lib/python3.13/site-packages/nvidia/cudnn/lib \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    EPIONE_PROVIDERS=CUDAExecutionProvider,CPUExecutionProvider
CMD ["python", "-m", "epione_inference"]

FROM build AS training-requirements
COPY requirements/training.txt requirements/
RUN uv pip install -q --require-hashes -r requirements/training.txt

FROM service AS training
COPY --from=training-requirements /opt/epione /opt/epione
COPY --from=code /code /opt/epione
ENTRYPOINT ["python"]
