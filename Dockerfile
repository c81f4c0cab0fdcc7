# The operator as an image: one static binary and the certificate authorities, nothing else, not as root.
#
#   docker build -t wordpress-operator:0.1.0 .
#
# The release workflow builds it; `make test` does not: the tests run the binary as a process.
FROM rust:1.95-alpine AS build
# aws-lc is C.
RUN apk add --no-cache build-base cmake perl ca-certificates
WORKDIR /src
# Without rust-toolchain.toml: the image is the toolchain.
COPY Cargo.toml Cargo.lock ./
COPY operator operator
COPY e2e e2e
RUN cargo build --release --locked -p wpc

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/target/release/wpc /usr/local/bin/wpc
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/wpc"]
CMD ["run"]
