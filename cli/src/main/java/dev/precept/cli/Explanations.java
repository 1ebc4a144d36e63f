package dev.precept.cli;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.Plan;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import dev.precept.tables.text.Style;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * What {@code precept tables explain} says of the built-in tables, written when Precept is built:
 * to answer, the tables need neither be read nor planned, which takes longer than anybody waits for
 * a line of help.
 *
 * <p>On the class path below {@value #FOLDER}: a file for each vendor's and each instruction's or
 * form's name, one for each two vendors and name, and the checksum of the tables that all of it is
 * about.
 */
final class Explanations {
  /** Where they are. */
  static final String FOLDER = "explained";

  private static final String KEY = "tables.crc32";
  private static final String PROGRAM = "program.crc32";
  private static final int LARGEST_FILE = 64 << 20;

  private Explanations() {}

  /**
   * Writes them, and what commands say of themselves, unless they are there and nothing has changed
   * that they come from.
   *
   * @param arguments the folder of the class path
   * @throws IOException if that cannot be
   * @throws URISyntaxException never: classes of a build are in files
   */
  public static void main(String[] arguments) throws IOException, URISyntaxException {
    Path folder = Path.of(arguments[0]).resolve(FOLDER);
    HelpTexts.write(Path.of(arguments[0]));
    TableSource source = TableSource.builtIn();
    String program = program();
    Path made = folder.resolve(PROGRAM);
    if (Files.exists(made) && Files.readString(made).equals(program)) {
      return;
    }
    clear(folder);
    List<Tables> vendors = new ArrayList<>();
    for (String vendor : TableLoader.vendors(List.of(source))) {
      vendors.add(TableLoader.load(vendor).orThrow());
    }
    Explanation explanation = new Explanation(Marks.STYLE, Terminal.USUAL_WIDTH);
    for (Tables vendor : vendors) {
      Generator generator = new Generator(vendor);
      for (Map.Entry<String, Set<String>> one : names(vendor).entrySet()) {
        Plan plan = generator.plan(form -> form.instruction().equals(one.getKey()));
        for (String name : one.getValue()) {
          write(folder, vendor.vendor(), name, explanation.of(vendor, name, plan));
        }
      }
    }
    for (int i = 0; i < vendors.size(); i++) {
      Tables left = vendors.get(i);
      for (Tables right : vendors.subList(i + 1, vendors.size())) {
        String both = both(left.vendor(), right.vendor());
        for (Set<String> names : names(left).values()) {
          for (String name : names) {
            write(folder, both, name, explanation.compared(left, right, name));
          }
        }
      }
    }
    Files.writeString(folder.resolve(KEY), checksum(source));
    Files.writeString(made, program);
  }

  /** What an earlier build said of a form that is no longer there must not be said. */
  private static void clear(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** CRC-32 of all classes and tables that explanations come from, in hex. */
  private static String program() throws IOException, URISyntaxException {
    CRC32 crc = new CRC32();
    for (Class<?> one : List.of(Tables.class, Generator.class, Explanations.class)) {
      Path place = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.walk(place)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          if (!file.startsWith(place.resolve(FOLDER))
              && !file.startsWith(place.resolve(HelpTexts.FOLDER))) {
            crc.update(Files.readAllBytes(file));
          }
        }
      }
    }
    return Long.toHexString(crc.getValue());
  }

  private static void write(Path folder, String of, String name, String text) throws IOException {
    if (text.isEmpty()) {
      return;
    }
    // Throws where a mark is within another: at the build, not at the reader's.
    Marks.styled(text, Style.PLAIN);
    Files.createDirectories(folder.resolve(of));
    Files.writeString(folder.resolve(of).resolve(name), text);
  }

  /** Names that can be asked for, an instruction's and its forms', by instruction. */
  private static Map<String, Set<String>> names(Tables vendor) {
    Map<String, Set<String>> names = new TreeMap<>();
    for (InstructionForm form : vendor.forms()) {
      Set<String> own = names.computeIfAbsent(form.instruction(), name -> new TreeSet<>());
      own.add(form.instruction());
      own.add(form.id());
    }
    return names;
  }

  /**
   * What is said of {@code name} by the tables of {@code vendors}; empty where nothing is there, or
   * where it is about other tables.
   *
   * @param source the tables that are in force
   * @param name an instruction or a form
   * @param width of the terminal, in columns
   */
  static Optional<String> of(
      TableSource source, List<String> vendors, String name, Style style, int width) {
    try {
      if (width != Terminal.USUAL_WIDTH
          || !name.matches("[a-z0-9_.]+")
          || !read(KEY).equals(Optional.of(checksum(source)))) {
        return Optional.empty();
      }
      StringBuilder text = new StringBuilder();
      for (String vendor : vendors) {
        text.append(read(vendor + "/" + name).orElse(""));
      }
      for (int i = 0; i < vendors.size(); i++) {
        for (String other : vendors.subList(i + 1, vendors.size())) {
          text.append(read(both(vendors.get(i), other) + "/" + name).orElse(""));
        }
      }
      return text.isEmpty() ? Optional.empty() : Optional.of(Marks.styled(text, style));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String both(String left, String right) {
    return left + "+" + right;
  }

  private static Optional<String> read(String file) throws IOException {
    try (InputStream in =
        Explanations.class.getClassLoader().getResourceAsStream(FOLDER + "/" + file)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** CRC-32 of names and contents of all files, in hex. */
  private static String checksum(TableSource source) throws IOException {
    CRC32 crc = new CRC32();
    for (String file : source.files()) {
      crc.update(file.getBytes(StandardCharsets.UTF_8));
      crc.update(0);
      crc.update(source.read(file, LARGEST_FILE));
      crc.update(0);
    }
    return Long.toHexString(crc.getValue());
  }

  /**
   * Where text stands out, marked with characters that are nobody's (Unicode's private use), until
   * it is known what the terminal shows.
   */
  static final class Marks {
    private static final char STRONG = '\uE000';
    private static final char DIM = '\uE001';
    private static final char OPEN = '\uE002';
    private static final char END = '\uE003';

    static final Style STYLE =
        new Style() {
          @Override
          public String strong(String text) {
            return STRONG + text + END;
          }

          @Override
          public String dim(String text) {
            return DIM + text + END;
          }

          @Override
          public String open(String text) {
            return OPEN + text + END;
          }
        };

    private Marks() {}

    /** {@code marked}, which has no marks within others, in {@code style}. */
    static String styled(CharSequence marked, Style style) {
      StringBuilder text = new StringBuilder();
      int from = 0;
      for (int at = 0; at < marked.length(); at++) {
        char mark = marked.charAt(at);
        if (mark < STRONG || mark > END) {
          continue;
        }
        String before = marked.subSequence(from, at).toString();
        text.append(mark == END ? shown(marked.charAt(from - 1), before, style) : before);
        from = at + 1;
      }
      text.append(marked, from, marked.length());
      // Blanks that a mark held at the end of a line: where nothing stands out they are not there.
      return text.toString().replaceAll(" +\n", "\n");
    }

    private static String shown(char mark, String text, Style style) {
      return switch (mark) {
        case STRONG -> style.strong(text);
        case DIM -> style.dim(text);
        case OPEN -> style.open(text);
        default -> throw new IllegalStateException("an end without a beginning");
      };
    }
  }
}
