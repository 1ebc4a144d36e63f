package dev.precept.report;

import dev.precept.cases.Difference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Puts what is kept of a run into bytes: numbers seven bits at a time, the low ones first; a text
 * where it stands for the first time, its number wherever else.
 */
final class KeptWriting {
  /** Texts of a result that are always there. */
  private static final int TEXTS = 21;

  private byte[] bytes = new byte[1 << 20];
  private int size;
  private final Map<String, Integer> texts = new HashMap<>();

  /** Of each of a result's texts the last one and its number: most are the same many times. */
  private final String[] lastTexts = new String[TEXTS];

  private final int[] lastNumbers = new int[TEXTS];

  <T> void all(List<T> several, Consumer<T> one) {
    number(several.size());
    several.forEach(one);
  }

  void result(Result result) {
    text(0, result.id());
    text(1, result.subject());
    text(2, result.vendor());
    text(3, result.instruction());
    text(4, result.form());
    text(5, result.mode());
    text(6, result.kind());
    text(7, result.claim());
    number(result.verdict().ordinal());
    text(8, result.expected());
    text(9, result.actual());
    text(10, result.expectedCheck());
    text(11, result.actualCheck());
    text(12, result.firstCheck());
    text(13, result.secondCheck());
    all(result.differences(), this::difference);
    text(14, result.assignment());
    reproducer(result.reproducer());
    text(15, result.citation());
    text(16, result.row());
    text(17, result.reveals());
    text(18, result.remark());
    number(result.micros());
  }

  private void difference(Difference difference) {
    text(difference.name());
    text(difference.expected());
    text(difference.actual());
  }

  private void reproducer(Reproducer reproducer) {
    text(19, reproducer.bytes());
    text(20, reproducer.assembly());
    number(reproducer.registers().size());
    reproducer
        .registers()
        .forEach(
            (name, value) -> {
              text(name);
              text(value);
            });
    all(reproducer.controlBlockBits(), text -> text(text));
    all(reproducer.memory(), text -> text(text));
  }

  void pair(PairRecord pair) {
    text(pair.vendor());
    text(pair.form());
    text(pair.mode());
    text(pair.first());
    text(pair.second());
    number(pair.status().ordinal());
    text(pair.caseId());
    text(pair.reason());
  }

  void gap(CoverageGap gap) {
    text(gap.vendor());
    text(gap.row());
    text(gap.what());
    text(gap.citation());
    text(gap.reason());
  }

  void clause(ClauseRecord clause) {
    text(clause.vendor());
    text(clause.form());
    text(clause.mode());
    text(clause.check());
    text(clause.variable());
    text(clause.on());
    text(clause.off());
  }

  /** As {@link #text(String)}, of the text of a result that comes at {@code place}. */
  private void text(int place, String text) {
    if (text.equals(lastTexts[place])) {
      number(lastNumbers[place]);
    } else {
      lastNumbers[place] = text(text);
      lastTexts[place] = text;
    }
  }

  /**
   * The number of a text that was there before; or one more than there were, and the text.
   *
   * @return the number
   */
  int text(String text) {
    int next = texts.size();
    Integer known = texts.putIfAbsent(text, next);
    number(known == null ? next : known);
    if (known == null) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      number(encoded.length);
      room(encoded.length);
      System.arraycopy(encoded, 0, bytes, size, encoded.length);
      size += encoded.length;
    }
    return known == null ? next : known;
  }

  void number(long number) {
    room(Long.BYTES + 2);
    long rest = number;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }

  /** Puts what is in {@code from} there as it is, and how many bytes that are before it. */
  void piece(byte[] from, int start, int length) {
    number(length);
    room(length);
    System.arraycopy(from, start, bytes, size, length);
    size += length;
  }

  /** As {@link #piece(byte[], int, int)}, all of {@code other}. */
  void piece(KeptWriting other) {
    piece(other.bytes, 0, other.size);
  }

  /** Begins again, with room for as much as there was. */
  void clear() {
    size = 0;
    texts.clear();
    Arrays.fill(lastTexts, null);
  }

  /** Everything so far, to be read. */
  ByteBuffer toRead() {
    return ByteBuffer.wrap(bytes, 0, size);
  }
}
