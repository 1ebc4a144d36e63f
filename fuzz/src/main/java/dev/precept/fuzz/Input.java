package dev.precept.fuzz;

import java.util.Arrays;

/**
 * Bytes taken one after another. Behind their end there are zeros: any bytes are an input, and a
 * fuzzer that adds some changes nothing of what came before them.
 */
public final class Input {
  private final byte[] bytes;
  private int at;

  public Input(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether any are left. */
  public boolean more() {
    return at < bytes.length;
  }

  /** The next byte, 0 to 255. */
  public int u8() {
    return at < bytes.length ? bytes[at++] & 0xFF : 0;
  }

  /** Two bytes, little-endian. */
  public int u16() {
    return u8() | u8() << 8;
  }

  /** Eight bytes, little-endian. */
  public long u64() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value |= (long) u8() << (8 * i);
    }
    return value;
  }

  /** The next bytes: {@code count} of them, or as many as are left. */
  public byte[] bytes(int count) {
    int from = at;
    at = Math.min(bytes.length, at + count);
    return Arrays.copyOfRange(bytes, from, at);
  }

  /** All that is left. */
  public byte[] rest() {
    return bytes(bytes.length - at);
  }
}
