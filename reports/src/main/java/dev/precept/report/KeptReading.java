package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Takes what is kept of a run out of bytes that {@link KeptWriting} has put it into. */
final class KeptReading {
  private static final Verdict[] VERDICTS = Verdict.values();
  private static final PairRecord.Status[] STATUSES = PairRecord.Status.values();

  private final byte[] bytes;
  private int at;
  private final List<String> texts = new ArrayList<>();

  /**
   * What is in {@code bytes}.
   *
   * @param start where it begins
   */
  KeptReading(byte[] bytes, int start) {
    this.bytes = bytes;
    this.at = start;
  }

  /** Where the next thing begins. */
  int at() {
    return at;
  }

  /** Leaves out {@code length} bytes. */
  void skip(int length) {
    at += length;
  }

  <T> List<T> all(Supplier<T> one) {
    int count = (int) number();
    List<T> several = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      several.add(one.get());
    }
    return several;
  }

  Result result() {
    return new Result(
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        VERDICTS[(int) number()],
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        all(() -> new Difference(text(), text(), text())),
        text(),
        reproducer(),
        text(),
        text(),
        text(),
        text(),
        number());
  }

  private Reproducer reproducer() {
    String code = text();
    String assembly = text();
    Map<String, String> registers = new LinkedHashMap<>();
    for (long left = number(); left > 0; left--) {
      registers.put(text(), text());
    }
    return new Reproducer(code, assembly, registers, all(this::text), all(this::text));
  }

  PairRecord pair() {
    return new PairRecord(
        text(), text(), text(), text(), text(), STATUSES[(int) number()], text(), text());
  }

  CoverageGap gap() {
    return new CoverageGap(text(), text(), text(), text(), text());
  }

  ClauseRecord clause() {
    return new ClauseRecord(text(), text(), text(), text(), text(), text(), text());
  }

  String text() {
    int index = (int) number();
    if (index == texts.size()) {
      int length = (int) number();
      texts.add(new String(bytes, at, length, StandardCharsets.UTF_8));
      at += length;
    }
    return texts.get(index);
  }

  long number() {
    long number = 0;
    int shift = 0;
    byte next = bytes[at++];
    while (next < 0) {
      number |= (next & 0x7FL) << shift;
      shift += 7;
      next = bytes[at++];
    }
    return number | (long) next << shift;
  }
}
