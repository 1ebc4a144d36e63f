/* Reports what the machine has, then does what the command sector says, for ever. */
#include "runner.h"

static struct command command __attribute__((aligned(512)));
static struct status status __attribute__((aligned(512)));

char *put_text(char *to, const char *text) {
  while (*text) {
    *to++ = *text++;
  }
  return to;
}

char *put_hex(char *to, u64 value) {
  int shift = 60;
  while (shift > 0 && !(value >> shift)) {
    shift -= 4;
  }
  for (; shift >= 0; shift -= 4) {
    *to++ = "0123456789abcdef"[value >> shift & 15];
  }
  return to;
}

void tell_status(u32 code, const char *text) {
  status.magic = STATUS_MAGIC;
  status.version = PROTOCOL_VERSION;
  status.code = code;
  char *to = status.text;
  while (*text && to < status.text + sizeof status.text - 1) {
    *to++ = *text++;
  }
  while (to < status.text + sizeof status.text) {
    *to++ = 0;
  }
  status.checksum = checksum(&status, offsetof(struct status, checksum));
  disk_write(STATUS_SECTOR, &status, 1);
}

/* The serial port is for people; the program outside reads the status sector. */
static void say(const char *text) {
  for (; *text; text++) {
    for (u32 i = 0; i < 100000 && !(in8(0x3F8 + 5) & 0x20); i++) {
      pause();
    }
    out8(0x3F8, (u8)*text);
  }
}

void die(const char *text, u64 a, u64 b) {
  static int dying;
  char line[200];
  char *to = put_text(line, text);
  *to++ = ' ';
  to = put_hex(to, a);
  *to++ = ' ';
  to = put_hex(to, b);
  *to = 0;
  if (!dying) {
    dying = 1;
    tell_status(STATUS_DIED, line);
  }
  say("precept: ");
  say(line);
  say("\r\n");
  for (;;) {
    __asm__ volatile("cli; hlt");
  }
}

/* An emulator that was told to ends here; a machine waits for the switch. */
static void stop(void) {
  out8(0xF4, 0); /* QEMU: isa-debug-exit */
  for (const char *c = "Shutdown"; *c; c++) {
    out8(0x8900, (u8)*c); /* Bochs */
  }
  for (;;) {
    __asm__ volatile("cli; hlt");
  }
}

static const char *refused(void) {
  if (command.version != PROTOCOL_VERSION) {
    return "the command is of another version of the protocol";
  }
  if (command.data_bytes > DATA_MAX) {
    return "more data than there is room for";
  }
  if (command.flush_bytes > RESULT_BLOCK_MAX) {
    return "blocks of results larger than there is room for";
  }
  disk_read(command.data_sector, (void *)(u64)DATA_AT, (command.data_bytes + 511) / 512);
  if (checksum((void *)(u64)DATA_AT, command.data_bytes) != command.data_checksum) {
    return "the command's data have another checksum";
  }
  return 0;
}

static void obey(void) {
  status.sequence = command.sequence;
  status.blocks = 0;
  status.cases = 0;
  status.cycles = 0;
  const char *why = command.code == COMMAND_STOP ? 0 : refused();
  if (why) {
    tell_status(STATUS_REFUSED, why);
    return;
  }
  switch (command.code) {
    case COMMAND_RUN:
      if (command.count) {
        cases_run(&command, &status);
      }
      break;
    case COMMAND_BASE:
      memory_base(command.count, (void *)(u64)DATA_AT);
      break;
    case COMMAND_STOP:
      tell_status(STATUS_DONE, "");
      stop();
      break;
    default:
      tell_status(STATUS_REFUSED, "no such command");
      return;
  }
  tell_status(STATUS_DONE, "");
  if (command.flags & COMMAND_FLAG_LAST) {
    stop();
  }
}

/*
 * How often it looks for a command at once, then every millisecond, then every fourth; later it leaves the
 * computer alone. Looking is expensive: the computer prepares the next cases meanwhile.
 */
#define POLLS_BUSY 20
#define POLLS_QUICK 70
#define POLLS_OFTEN 500

void runner_main(void) {
  trap_set_up();
  disk_set_up();
  alarm_set_up();
  cpu_set_up();
  say("precept: runner\r\n");
  char *report = (char *)(u64)DATA_AT;
  u32 bytes = cpu_report(report, REPORT_SECTORS * 512);
  for (u32 i = bytes; i < REPORT_SECTORS * 512; i++) {
    report[i] = 0;
  }
  disk_write(REPORT_SECTOR, report, REPORT_SECTORS);
  tell_status(STATUS_READY, "");
  u32 quiet = 0;
  u32 sector = COMMAND_SECTOR;
  for (;;) {
    disk_read(sector, &command, 1);
    if (command.magic == COMMAND_MAGIC && command.sequence > status.sequence
        && command.checksum == checksum(&command, offsetof(struct command, checksum))) {
      obey();
      quiet = 0;
      sector = command.next_sector ? command.next_sector : COMMAND_SECTOR;
    } else if (++quiet > POLLS_BUSY) {
      if (cpu_svm) {
        stgi();
      }
      idle(quiet > POLLS_OFTEN ? 50 : quiet > POLLS_QUICK ? 4 : 1);
    }
  }
}
