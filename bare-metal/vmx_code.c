/*
 * Straight-line code that reads and writes fields of the current VMCS, made for those that this processor has: a
 * loop takes two or three instructions more for each field, behind every guest.
 */
#include "vmx.h"

/* Pages of its own: a write beside code makes an emulator look at the code again. */
#define CODE_MAX 0x4000u
static u8 code[CODE_MAX] __attribute__((aligned(4096)));
static u8 *end = code;

static void put(const u8 *bytes, u32 count) {
  if (end + count > code + CODE_MAX) {
    die("no room for code that reads VMCS fields: bytes", (u64)(end - code), count);
  }
  for (u32 i = 0; i < count; i++) {
    *end++ = bytes[i];
  }
}
#define PUT(...) put((const u8[]){__VA_ARGS__}, sizeof(u8[]){__VA_ARGS__})

static void put32(u32 value) { PUT((u8)value, (u8)(value >> 8), (u8)(value >> 16), (u8)(value >> 24)); }

/* MOV EAX, the field's encoding */
static void put_encoding(u32 field) {
  PUT(0xB8);
  put32(vmx_encodings[field]);
}

static void *finish(const u8 *start) {
  PUT(0xC3); /* RET */
  return (void *)(u64)start;
}

read_fields_code *vmx_make_read(u32 from, u32 to) {
  const u8 *start = end;
  for (u32 i = from; i < to; i++) {
    put_encoding(i);
    PUT(0x0F, 0x78, 0x87); /* VMREAD [RDI + 8 * i], RAX */
    put32(8 * i);
  }
  return (read_fields_code *)finish(start);
}

compare_fields_code *vmx_make_compare(u32 from, u32 to, const u8 *stays) {
  const u8 *start = end;
  u8 *behind[VMX_FIELDS_MAX]; /* of each field the jump to where a pair is made of it */
  for (u32 i = from; i < to; i++) {
    put_encoding(i);
    PUT(0x0F, 0x78, 0xC2); /* VMREAD RDX, RAX */
    PUT(0x48, 0x3B, 0x96); /* CMP RDX, [RSI + 8 * i] */
    put32(8 * i);
    PUT(0x0F, 0x85); /* JNE */
    put32(0);
    behind[i] = end;
  }
  PUT(0x48, 0x89, 0xF8); /* MOV RAX, RDI */
  PUT(0xC3);
  for (u32 i = from; i < to; i++) {
    u32 distance = (u32)(end - behind[i]);
    for (u32 j = 0; j < 4; j++) {
      behind[i][(int)j - 4] = (u8)(distance >> 8 * j);
    }
    if (!stays[i]) {
      PUT(0x0F, 0x79, 0x86); /* VMWRITE RAX, [RSI + 8 * i] */
      put32(8 * i);
    }
    PUT(0xC7, 0x07); /* MOV DWORD [RDI], i */
    put32(i);
    PUT(0xC7, 0x47, 0x04); /* MOV DWORD [RDI + 4], KEY_FIELD */
    put32(KEY_FIELD);
    PUT(0x48, 0x89, 0x57, 0x08); /* MOV [RDI + 8], RDX */
    PUT(0x48, 0x83, 0xC7, sizeof(struct pair)); /* ADD RDI */
    PUT(0xE9); /* JMP */
    put32((u32)(behind[i] - (end + 4)));
  }
  return (compare_fields_code *)(u64)start;
}
