package dev.precept.subject.metal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One result as the runner wrote it.
 *
 * @param index index of the case in its command
 * @param end how it ended ({@code END_} in {@link Protocol})
 * @param marks {@code MARK_} bits
 * @param detail what {@code end} and {@code marks} say it is
 * @param keys what each value is about: {@code KEY_} in the high half, its number in the low half
 * @param values as many as keys
 */
record RawResult(int index, int end, int marks, int detail, long[] keys, long[] values) {
  private static final int HEADER = 16;
  private static final int PAIR = 16;

  boolean marked(int mark) {
    return (marks & mark) != 0;
  }

  /** With what a comparison of all memory found behind this case. */
  RawResult with(RawResult check) {
    int first = keys.length;
    long[] allKeys = Arrays.copyOf(keys, first + check.keys.length);
    long[] allValues = Arrays.copyOf(values, allKeys.length);
    System.arraycopy(check.keys, 0, allKeys, first, check.keys.length);
    System.arraycopy(check.values, 0, allValues, first, check.values.length);
    return new RawResult(index, end, marks, detail, allKeys, allValues);
  }

  /**
   * Reads the results of one block.
   *
   * @throws ProtocolException if the payload is not what {@code results} results look like
   */
  static List<RawResult> read(ByteBuffer payload, int results) {
    List<RawResult> read = new ArrayList<>(results);
    for (int i = 0; i < results; i++) {
      if (payload.remaining() < HEADER) {
        throw new ProtocolException("a block of results ends before its last result");
      }
      int index = payload.getInt();
      int end = payload.getShort() & 0xFFFF;
      int marks = payload.getShort() & 0xFFFF;
      int detail = payload.getInt();
      int pairs = payload.getInt();
      if (pairs < 0 || pairs > payload.remaining() / PAIR) {
        throw new ProtocolException("a result of " + pairs + " pairs does not fit into its block");
      }
      long[] keys = new long[pairs];
      long[] values = new long[pairs];
      for (int j = 0; j < pairs; j++) {
        keys[j] = payload.getLong();
        values[j] = payload.getLong();
      }
      read.add(new RawResult(index, end, marks, detail, keys, values));
    }
    if (payload.hasRemaining()) {
      throw new ProtocolException("a block of results goes on behind its last result");
    }
    return read;
  }
}
