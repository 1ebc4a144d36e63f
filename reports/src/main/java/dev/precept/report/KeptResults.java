package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * What a results file says of cases, pairs and rows, for the next run of the same Precept, which
 * reads it in a tenth of the time: each text is there once, and everything else refers to it.
 * Nobody else is to read it, so it has no versions: its reader knows that the program that wrote it
 * is the same.
 *
 * @param results of all cases, in the results file's order
 * @param lines where the results file has them
 */
public record KeptResults(
    List<Result> results,
    List<PairRecord> pairs,
    List<CoverageGap> gaps,
    List<ClauseRecord> clauses,
    ResultLines lines) {
  /** Texts of a result that are always there. */
  private static final int TEXTS = 21;

  /** Bytes of the CRC-32 of everything before it, at the end. */
  private static final int CHECK = 4;

  public KeptResults {
    results = List.copyOf(results);
    pairs = List.copyOf(pairs);
    gaps = List.copyOf(gaps);
    clauses = List.copyOf(clauses);
  }

  /** What {@code run} came to, which is in a results file as {@code lines} says. */
  public static KeptResults of(Run run, ResultLines lines) {
    return new KeptResults(run.results(), run.pairs(), run.gaps(), run.clauses(), lines);
  }

  /**
   * Writes it.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    Writing to = new Writing();
    to.all(results, to::result);
    to.all(pairs, to::pair);
    to.all(gaps, to::gap);
    to.all(clauses, to::clause);
    to.number(lines.start());
    to.all(lines.lengths(), length -> to.number(length));
    Files.write(file, to.checked());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if the file cannot be read, or is not as it was written
   */
  public static KeptResults read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length - CHECK;
    if (end < 0 || ByteBuffer.wrap(bytes).getInt(end) != crc(bytes, end)) {
      throw new EOFException(file + " is not as it was written");
    }
    Reading from = new Reading(bytes);
    return new KeptResults(
        from.all(from::result),
        from.all(from::pair),
        from.all(from::gap),
        from.all(from::clause),
        new ResultLines(from.number(), from.all(() -> (int) from.number())));
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** Puts it into bytes: numbers seven bits at a time, the low ones first. */
  private static final class Writing {
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
    private int text(String text) {
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

    private void number(long number) {
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

    byte[] checked() {
      byte[] all = Arrays.copyOf(bytes, size + CHECK);
      ByteBuffer.wrap(all).putInt(size, crc(all, size));
      return all;
    }
  }

  /** Takes it out of bytes that are as they were written. */
  private static final class Reading {
    private static final Verdict[] VERDICTS = Verdict.values();
    private static final PairRecord.Status[] STATUSES = PairRecord.Status.values();

    private final byte[] bytes;
    private int at;
    private final List<String> texts = new ArrayList<>();

    Reading(byte[] bytes) {
      this.bytes = bytes;
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

    private String text() {
      int index = (int) number();
      if (index == texts.size()) {
        int length = (int) number();
        texts.add(new String(bytes, at, length, StandardCharsets.UTF_8));
        at += length;
      }
      return texts.get(index);
    }

    private long number() {
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
}
