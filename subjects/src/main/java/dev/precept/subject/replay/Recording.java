package dev.precept.subject.replay;

import dev.precept.subject.Subject;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The cases of a run with a checksum of what was observed of each, by form. Kept in a file for each
 * form; {@link Replay} reads them. Thread-safe.
 */
public final class Recording {
  /** What a file begins with; another layout gets another number. */
  static final int MAGIC = 0x50524301;

  private final Map<String, List<byte[]>> parts = new ConcurrentHashMap<>();

  /** {@code subject}, of which everything is recorded that it is given and says. */
  public Subject of(Subject subject) {
    return new RecordingSubject(subject, this::add);
  }

  private void add(String form, byte[] part) {
    parts.computeIfAbsent(form, unused -> new CopyOnWriteArrayList<>()).add(part);
  }

  /**
   * Puts the files of all recorded forms into {@code folder}, in place of those that are there. All
   * subjects are to be closed.
   *
   * @throws IOException if a file cannot be written
   */
  public void save(Path folder) throws IOException {
    Path draft = folder.resolve(".draft");
    for (Map.Entry<String, List<byte[]>> form : parts.entrySet()) {
      Path file = file(folder, form.getKey());
      Files.createDirectories(file.getParent());
      try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(draft))) {
        out.writeInt(MAGIC);
        out.writeInt(form.getValue().size());
        for (byte[] part : form.getValue()) {
          out.writeInt(part.length);
          out.write(part);
        }
      }
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The file of {@code form}, such as {@code svm/lmsw.mem}, in {@code folder}. */
  static Path file(Path folder, String form) {
    return folder.resolve(form + ".cases");
  }
}
