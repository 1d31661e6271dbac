# The image of a release: the static binary that goreleaser built, and nothing else. Servers are named by DSN:
#
#   docker run --rm ghcr.io/lastseat/lastseat run --target postgres=postgres://me@db/shop
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/lastseat /usr/bin/lastseat
WORKDIR /tmp
ENTRYPOINT ["/usr/bin/lastseat"]
