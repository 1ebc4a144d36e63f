package dev.precept.cli;

import dev.precept.report.OutputFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Which results in a folder are those that a run would give again: the same program and the same
 * options have made them, nobody has touched the files since, and the tables, or what they say of a
 * form, are the same. Whether the core is, is told apart: what another core does can be looked at.
 *
 * <p>The file {@code last-run} holds the checksum of program and options, that of the core, that of
 * the tables, size and time of each file that came out, and the checksum of what each form's cases
 * come from.
 */
final class LastRun {
  private static final String FILE = "last-run";

  /** Lines before those of files. */
  private static final int HEAD = 3;

  /** What makes observations of cases, and nothing else. */
  private static final List<String> CORE = List.of("dev/precept/core/", "dev/precept/subject/");

  /** Of the tables, which have a checksum of their own, and what is told of them. */
  private static final List<String> TABLES = List.of("tables/", Explanations.FOLDER + "/");

  /** What judges whether two observations are the same. */
  private static final String REPLAY = "dev/precept/subject/replay/";

  private final Path folder;
  private final List<Path> files;
  private final String program;
  private final String core;
  private final String tables;

  private LastRun(Path folder, List<Path> files, String program, String core, String tables) {
    this.folder = folder;
    this.files = files;
    this.program = program;
    this.core = core;
    this.tables = tables;
  }

  /**
   * The last run into {@code folder}; empty where it cannot be told what program runs, which is
   * when it does not run from its jar.
   *
   * @param files what a run leaves
   * @param options everything that decides what a run gives, beside the program and its tables
   * @param tables checksum of all tables
   */
  static Optional<LastRun> of(Path folder, List<Path> files, List<String> options, String tables)
      throws IOException {
    Optional<Path> jar = jar();
    return jar.isEmpty()
        ? Optional.empty()
        : Optional.of(of(jar.get(), folder, files, options, tables));
  }

  /** The last run of {@code jar}. */
  static LastRun of(Path jar, Path folder, List<Path> files, List<String> options, String tables)
      throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<String> core = new ArrayList<>();
      List<String> program = new ArrayList<>();
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String name = entry.getName();
        if (TABLES.stream().anyMatch(name::startsWith)) {
          continue;
        }
        boolean ofCore = CORE.stream().anyMatch(name::startsWith) && !name.startsWith(REPLAY);
        // The jar's directory has each entry's size and CRC-32.
        (ofCore ? core : program).add(name + " " + entry.getSize() + " " + entry.getCrc());
      }
      program.add(System.getProperty("java.vm.version"));
      program.addAll(options);
      return new LastRun(folder, files, checksum(program), checksum(core), tables);
    }
  }

  private static Optional<Path> jar() {
    CodeSource source = LastRun.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    try {
      Path path = Path.of(source.getLocation().toURI());
      return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String checksum(List<String> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Whether all its results are those that a run would give again, as far as they are the core's.
   */
  boolean holds() throws IOException {
    List<String> lines = lines();
    return begins(lines) && lines.get(2).equals(tables);
  }

  /** Whether the core is the one that ran. */
  boolean sameCore() throws IOException {
    List<String> lines = lines();
    return begins(lines) && lines.get(1).equals(core);
  }

  /**
   * What each form's cases came from, by the form's name; empty where program, options or files are
   * not those of the last run, so that none of its results are worth anything.
   */
  SortedMap<String, String> forms() throws IOException {
    SortedMap<String, String> forms = new TreeMap<>();
    List<String> lines = lines();
    if (begins(lines)) {
      for (String line : lines.subList(HEAD + files.size(), lines.size())) {
        String[] words = line.split(" ", 2);
        forms.put(words[1], words[0]);
      }
    }
    return forms;
  }

  /** Whether {@code lines} are of this program with these options and files. */
  private boolean begins(List<String> lines) throws IOException {
    return lines.size() >= HEAD + files.size()
        && lines.get(0).equals(program)
        && lines.subList(HEAD, HEAD + files.size()).equals(states());
  }

  private List<String> lines() throws IOException {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
  }

  /**
   * Remembers that a run has just ended, completely.
   *
   * @param forms what each form's cases came from, by the form's name
   */
  void remember(SortedMap<String, String> forms) throws IOException {
    List<String> lines = new ArrayList<>(List.of(program, core, tables));
    lines.addAll(states());
    forms.forEach((name, key) -> lines.add(key + " " + name));
    OutputFile.write(folder.resolve(FILE), out -> out.write(String.join("\n", lines) + "\n"));
  }

  /** Forgets it: another run begins. */
  static void forget(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }

  private List<String> states() throws IOException {
    List<String> states = new ArrayList<>();
    for (Path file : files) {
      states.add(state(file) + " " + file);
    }
    return states;
  }

  private static String state(Path file) throws IOException {
    try {
      return Files.size(file) + " " + Files.getLastModifiedTime(file);
    } catch (NoSuchFileException e) {
      return "absent";
    }
  }
}
