package dev.precept.subject.metal;

/** Numbers that {@code bare-metal/protocol.h} has too, in its spelling. */
final class Protocol {
  static final int VERSION = 8;
  static final int SECTOR = 512;

  static final int COMMAND_SECTOR = 256;
  static final int STATUS_SECTOR = 257;
  static final int REPORT_SECTOR = 258;
  static final int REPORT_SECTORS = 64;
  static final int FIRST_FREE_SECTOR = 2048;

  static final int COMMAND_MAGIC = 0x444D4350;
  static final int COMMAND_RUN = 1;
  static final int COMMAND_BASE = 2;
  static final int COMMAND_STOP = 3;
  static final int COMMAND_FLAG_LAST = 1;
  static final int COMMAND_FLAG_FLUSH = 2;
  static final int COMMAND_FLAG_BARE = 4;
  static final int COMMAND_FLAG_REBUILD = 8;

  static final int STATUS_MAGIC = 0x54535450;
  static final int STATUS_READY = 1;
  static final int STATUS_RUNNING = 2;
  static final int STATUS_DONE = 3;
  static final int STATUS_REFUSED = 4;
  static final int STATUS_DIED = 5;

  static final int CASE_GUEST = 1;
  static final int CASE_NESTED = 2;
  static final int CASE_ALARM = 4;
  static final int CASE_FULL_CHECK = 8;
  static final int CASE_NMI_MASKED = 16;
  static final int CASE_PROBE = 32;
  static final int CASE_SEGMENTS = 64;
  static final int CASE_OWN_NMI = 128;
  static final int CASE_SAME_WATCHES = 4096;
  static final int CASE_MODE_SHIFT = 8;
  static final int CASE_ALARM_SHIFT = 16;
  static final int CASE_HEADER = 40;
  static final int NO_TEMPLATE = 0xFFFF;

  static final int KEY_MEMORY = 0;
  static final int KEY_REGISTER = 1;
  static final int KEY_NOT_SET = 2;
  static final int KEY_FIELD = 3;

  static final int BLOCK_MAGIC = 0x4B4C4250;
  static final int BLOCK_HEADER = 64;
  static final int RESULT_BLOCK_MAX = 0x40000;

  static final int END_EXIT = 1;
  static final int END_NATIVE = 2;
  static final int END_ENTRY_FAULT = 3;
  static final int END_ENTRY_FAILED = 4;
  static final int END_PRIOR = 5;
  static final int END_CANNOT = 6;
  static final int END_CHECKED = 7;

  static final int MARK_STRAY = 1;
  static final int MARK_ALARM = 2;
  static final int MARK_MASKED = 4;
  static final int MARK_GIF = 8;
  static final int MARK_SENTINEL = 16;
  static final int MARK_PROBED = 32;
  static final int MARK_GD = 64;
  static final int MARK_LIMITS = 128;

  private Protocol() {}

  /** The runner's checksum of the 8-byte words in {@code bytes}, from {@code from} on. */
  static long checksum(byte[] bytes, int from, int length) {
    long a = 1;
    long b = 0;
    for (int at = from; at + 8 <= from + length; at += 8) {
      long word = 0;
      for (int i = 7; i >= 0; i--) {
        word = word << 8 | (bytes[at + i] & 0xFF);
      }
      a += word;
      b += a;
    }
    return a ^ Long.rotateLeft(b, 32);
  }
}
