#!/bin/sh
# Builds the runner's disk image: build.sh IMAGE
# Needs gcc and GNU binutils for x86-64; without them it says so, makes nothing and fails nothing,
# because only the subjects that boot the image need it.
set -eu

image=$1
source=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cc=${CC:-gcc}

for tool in "$cc" ld objcopy; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "precept: no $tool, so the image for --subject qemu, bochs and kvm is not built (Debian, Ubuntu: apt-get install gcc)" >&2
    rm -f "$image"
    exit 0
  fi
done
if [ "$("$cc" -dumpmachine | cut -d- -f1)" != x86_64 ]; then
  echo "precept: $cc does not compile for x86-64, so the image for --subject qemu, bochs and kvm is not built (set CC to one that does)" >&2
  rm -f "$image"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags='-std=gnu11 -m64 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -fno-pic -fno-pie -mno-red-zone
 -mgeneral-regs-only -mcmodel=small -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none
 -fno-strict-aliasing -fno-tree-loop-distribute-patterns -Wno-pointer-to-int-cast -Wno-array-bounds'

objects=
for file in start.S guest.S native.S main.c trap.c disk.c alarm.c cpu.c as_set.c report.c memory.c result.c cases.c patches.c nested.c nmi.c native.c vmx.c vmx_fields.c vmx_code.c; do
  object=$work/$(echo "$file" | tr . _).o
  # shellcheck disable=SC2086
  "$cc" $flags -I "$source" -c "$source/$file" -o "$object"
  objects="$objects $object"
done
# shellcheck disable=SC2086
ld -nostdlib -static -no-pie -z noexecstack -z max-page-size=4096 --no-warn-rwx-segments -T "$source/link.ld" -o "$work/runner.elf" $objects 2>"$work/ld.log" \
  || ld -nostdlib -static -z noexecstack -z max-page-size=4096 -T "$source/link.ld" -o "$work/runner.elf" $objects
objcopy -O binary "$work/runner.elf" "$work/runner.bin"
bytes=$(wc -c <"$work/runner.bin")
sectors=$(((bytes + 511) / 512))
"$cc" -m64 -DRUNNER_SECTORS="$sectors" -c "$source/boot.S" -o "$work/boot.o"
ld -nostdlib -Ttext 0x7C00 -o "$work/boot.elf" "$work/boot.o"
objcopy -O binary -j .text "$work/boot.elf" "$work/boot.bin"
truncate -s $(((sectors + 1) * 512)) "$work/runner.img"
dd if="$work/boot.bin" of="$work/runner.img" conv=notrunc status=none
dd if="$work/runner.bin" of="$work/runner.img" bs=512 seek=1 conv=notrunc status=none
mkdir -p "$(dirname "$image")"
mv "$work/runner.img" "$image"
