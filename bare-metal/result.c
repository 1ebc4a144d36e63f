/* Results, in blocks that go to the disk as they fill. */
#include "runner.h"

static struct block_header *const block = (struct block_header *)(u64)RESULTS_AT;
static u8 *const payload = (u8 *)(u64)(RESULTS_AT + sizeof(struct block_header));

static u32 used;       /* bytes of payload */
static u32 results;
static u32 limit;      /* payload that is written out */
static u32 sector;
static u32 sectors_left;
static u64 sequence;
u32 result_blocks;

static struct result_header *open_result;
struct pair *result_next;

u64 checksum(const void *data, u32 bytes) {
  const u64 *word = data;
  u64 a = 1, b = 0;
#pragma GCC unroll 8
  for (u32 i = 0; i < bytes / 8; i++) {
    a += word[i];
    b += a;
  }
  return a ^ (b << 32 | b >> 32);
}

void result_begin(const struct command *c) {
  sequence = c->sequence;
  sector = c->result_sector;
  sectors_left = c->result_sectors;
  limit = c->flush_bytes;
  used = 0;
  results = 0;
  result_blocks = 0;
}

void result_open(u32 index) {
  open_result = (struct result_header *)(payload + used);
  open_result->index = index;
  result_next = (struct pair *)(open_result + 1);
}

void result_close(u32 end, u32 marks, u32 detail) {
  open_result->end = (u16)end;
  open_result->marks = (u16)marks;
  open_result->detail = detail;
  open_result->pairs = (u32)(result_next - (struct pair *)(open_result + 1));
  used = (u32)((u8 *)result_next - payload);
  results++;
  if (used >= limit) {
    result_flush();
  }
}

/* As if the result had never been opened. */
void result_cancel(void) {
  result_next = (struct pair *)(open_result + 1);
}

void result_flush(void) {
  if (used == 0) {
    return;
  }
  u32 bytes = (u32)sizeof *block + used;
  u32 sectors = (bytes + 511) / 512;
  if (sectors > sectors_left) {
    die("no room for results: sectors needed, sectors left", sectors, sectors_left);
  }
  block->magic = BLOCK_MAGIC;
  block->version = PROTOCOL_VERSION;
  block->sequence = sequence;
  block->number = result_blocks++;
  block->bytes = used;
  block->results = results;
  block->payload_checksum = checksum(payload, used);
  block->checksum = checksum(block, offsetof(struct block_header, checksum));
  disk_write(sector, block, sectors);
  sector += sectors;
  sectors_left -= sectors;
  used = 0;
  results = 0;
}
