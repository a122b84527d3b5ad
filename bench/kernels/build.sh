#!/bin/sh
# Builds the kernels beside their sources. Needs clang with the wasm32 target and lld.
set -e
cd "$(dirname "$0")"
for source in *.c; do
  clang --target=wasm32 -O2 -nostdlib -fno-builtin -Wall -Wextra -Wl,--no-entry -Wl,-z,stack-size=65536 \
    "$source" -o "${source%.c}.wasm"
done
