package dev.precept.cli;

import dev.precept.cases.BaseImage;
import dev.precept.generator.state.BaseImages;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.subject.replay.Recording;
import dev.precept.subject.replay.Replay;
import dev.precept.tables.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the core did with each case of the last run. Where it has changed since, and nothing else
 * has, its results are still those of the forms in all of whose states it does the same: a result
 * comes of the tables, of what decides by them, and of what was observed.
 */
final class CoreRecord {
  private final Path folder;
  private final Recording recording = new Recording();

  /**
   * @param folder of the run
   */
  CoreRecord(Path folder) {
    this.folder = folder.resolve("core-record");
  }

  /** A core of which everything is recorded. */
  Subject recorded() {
    return recording.of(new CoreSubject());
  }

  /** Keeps what was recorded, beside what is there of other forms. */
  void save() throws IOException {
    recording.save(folder);
  }

  /**
   * Runs what was recorded of {@code forms} on the core as it is.
   *
   * @param threads each with a core of its own
   */
  Replay.Outcome replay(Collection<String> forms, int threads) {
    Map<String, Mode> modes = new TreeMap<>();
    for (Mode mode : Mode.values()) {
      modes.put(mode.word(), mode);
    }
    BaseImages images = new BaseImages();
    return new Replay(folder, name -> image(images, modes, name))
        .run(Set.copyOf(forms), CoreSubject::new, threads);
  }

  private static BaseImage image(BaseImages images, Map<String, Mode> modes, String name) {
    Mode mode = modes.get(name);
    if (mode == null) {
      throw new IllegalArgumentException("there is no base image '" + name + "'");
    }
    return images.of(mode);
  }
}
