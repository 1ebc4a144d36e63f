package dev.precept.sweep;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How far a sweep is, as a text file: a line that says what the sweep is of, then for each stratum
 * and layer that was begun a line of numbers, and below it a line for each finding. Written beside
 * its place and moved into it, so that it is always whole.
 */
final class Checkpoint {
  private static final String HEAD = "precept-sweep 1 ";
  private static final String FINDING = "finding";

  /** A stratum in a layer. */
  record Key(String stratum, int layer) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return layer != other.layer
          ? Integer.compare(layer, other.layer)
          : stratum.compareTo(other.stratum);
    }
  }

  private Checkpoint() {}

  /**
   * Reads what an earlier run left; nothing if there is no file.
   *
   * @param of what the sweep is of: tables, subject and options
   * @throws CheckpointException if the file is of another sweep, or none of ours
   */
  static Map<Key, Tally> read(Path file, String of) throws IOException {
    if (!Files.exists(file)) {
      return Map.of();
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.isEmpty() || !lines.get(0).startsWith(HEAD)) {
      throw new CheckpointException(file + " is no checkpoint of a sweep");
    }
    if (!lines.get(0).equals(HEAD + of)) {
      throw new CheckpointException(
          file
              + " was left by a sweep of other tables, another version or other options; remove it"
              + " to begin anew");
    }
    Map<Key, Tally> done = new LinkedHashMap<>();
    Key last = new Key("", 0);
    int number = 1;
    try {
      for (String line : lines.subList(1, lines.size())) {
        number++;
        String[] cells = line.split("\t", -1);
        if (cells[0].equals(FINDING)) {
          Finding finding =
              new Finding(cells[1], cells[2], Verdict.of(cells[3]), cells[4], cells[5]);
          done.computeIfPresent(last, (key, tally) -> with(tally, finding));
        } else {
          last = new Key(cells[0], Integer.parseInt(cells[1]));
          done.put(last, tally(cells));
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new CheckpointException(file + ":" + number + ": no line of a checkpoint");
    }
    return done;
  }

  private static Tally tally(String[] cells) {
    List<Long> verdicts = new ArrayList<>();
    for (int i = 0; i < Verdict.values().length; i++) {
      verdicts.add(Long.parseLong(cells[6 + i]));
    }
    return new Tally(
        Long.parseLong(cells[2]),
        Long.parseLong(cells[3]),
        Long.parseLong(cells[4]),
        Long.parseLong(cells[5]),
        verdicts,
        List.of());
  }

  private static Tally with(Tally tally, Finding finding) {
    return tally.plus(new Tally(0, 0, 0, 0, Tally.NOTHING.verdicts(), List.of(finding)));
  }

  /** Writes {@code done} in place of whatever {@code file} held. */
  static void write(Path file, String of, Map<Key, Tally> done) throws IOException {
    StringBuilder text = new StringBuilder(HEAD).append(of).append('\n');
    new TreeMap<>(done)
        .forEach(
            (key, tally) -> {
              text.append(key.stratum())
                  .append('\t')
                  .append(key.layer())
                  .append('\t')
                  .append(tally.position())
                  .append('\t')
                  .append(tally.taken())
                  .append('\t')
                  .append(tally.impossible())
                  .append('\t')
                  .append(tally.unbuildable())
                  .append('\t')
                  .append(
                      tally.verdicts().stream()
                          .map(String::valueOf)
                          .collect(Collectors.joining("\t")))
                  .append('\n');
              for (Finding one : tally.findings()) {
                text.append(
                        String.join(
                            "\t",
                            FINDING,
                            one.vendor(),
                            one.form(),
                            one.verdict().word(),
                            one.state(),
                            one.what()))
                    .append('\n');
              }
            });
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path beside = whole.resolveSibling(whole.getFileName() + ".new");
    try {
      Files.writeString(beside, text);
      Files.move(
          beside, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(beside);
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }
}
