# The operator as an image: one static binary on distroless, not as root. Nothing else is in it, no shell either.
#
#   docker build -t wordpress-operator:0.1.0 .
#
# The release workflow builds it; `make test` does not: the tests run the binary as a process. The same sources give
# the same binary (release/reproducible), whoever builds it.
FROM rust:1.95-alpine AS build
# aws-lc is C.
RUN apk add --no-cache build-base cmake perl bash
WORKDIR /src
# Without rust-toolchain.toml: the image is the toolchain.
COPY Cargo.toml Cargo.lock ./
COPY release release
COPY operator operator
COPY e2e e2e
RUN release/build /target

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /target/release/wpc /usr/local/bin/wpc
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/wpc"]
CMD ["run"]
