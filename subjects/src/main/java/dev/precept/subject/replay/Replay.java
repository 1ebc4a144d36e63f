package dev.precept.subject.replay;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.subject.Subject;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.zip.InflaterInputStream;

/** Runs recorded cases again and finds the forms of which nothing is observed otherwise. */
public final class Replay {
  private final Path folder;
  private final Function<String, BaseImage> images;

  /**
   * @param folder where a {@link Recording} was saved
   * @param images the base image of a name
   */
  public Replay(Path folder, Function<String, BaseImage> images) {
    this.folder = folder;
    this.images = images;
  }

  /**
   * What came of it.
   *
   * @param same the forms of which every case has the same observation as when it was recorded; not
   *     among them are forms without a record, or with one that cannot be read
   * @param cases number of cases that were run
   */
  public record Outcome(Set<String> same, long cases) {}

  /**
   * Runs the recorded cases of {@code forms}, each form's up to the first with another observation.
   *
   * @param subjects makes a subject for each thread
   */
  public Outcome run(Set<String> forms, Supplier<Subject> subjects, int threads) {
    Queue<String> left = new ConcurrentLinkedQueue<>(forms);
    Set<String> same = ConcurrentHashMap.newKeySet();
    LongAdder cases = new LongAdder();
    List<Thread> workers =
        IntStream.range(0, threads)
            .mapToObj(i -> new Thread(() -> work(left, same, cases, subjects), "replay-" + i))
            .toList();
    workers.forEach(Thread::start);
    try {
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      left.clear();
    }
    return new Outcome(Set.copyOf(same), cases.sum());
  }

  private void work(
      Queue<String> left, Set<String> same, LongAdder cases, Supplier<Subject> subjects) {
    try (Subject subject = subjects.get()) {
      ObservationDigest digest = new ObservationDigest();
      for (String form = left.poll(); form != null; form = left.poll()) {
        try {
          if (isSame(form, subject, digest, cases)) {
            same.add(form);
          }
        } catch (IOException | RuntimeException unreadable) {
          // Then its cases are made and run as if there were no record.
        }
      }
    }
  }

  private boolean isSame(String form, Subject subject, ObservationDigest digest, LongAdder ran)
      throws IOException {
    try (DataInputStream file =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(Recording.file(folder, form))))) {
      if (file.readInt() != Recording.MAGIC) {
        throw new StreamCorruptedException("not a record of cases");
      }
      int parts = file.readInt();
      for (int i = 0; i < parts; i++) {
        int length = file.readInt();
        byte[] part = file.readNBytes(length);
        if (part.length < length) {
          throw new EOFException("a part is cut off");
        }
        if (!isSame(part, subject, digest, ran)) {
          return false;
        }
      }
      return true;
    }
  }

  private boolean isSame(byte[] part, Subject subject, ObservationDigest digest, LongAdder ran)
      throws IOException {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(
                new InflaterInputStream(new ByteArrayInputStream(part)), 1 << 16))) {
      CaseDecoder cases = new CaseDecoder(in, images);
      AtomicReference<Observation> seen = new AtomicReference<>();
      while (in.readBoolean()) {
        Case testCase = cases.read();
        long then = in.readLong();
        subject.run(List.of(testCase), seen::set);
        ran.increment();
        if (digest.of(seen.get()) != then) {
          return false;
        }
      }
      // Reading on to the end compares the checksum that is there.
      return in.read() < 0;
    }
  }
}
