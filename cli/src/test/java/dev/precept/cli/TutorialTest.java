package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Follows docs/tutorial.md to the letter: runs its commands in a shell, writes its files, fills the
 * cells that it names, and finds in the output what it shows. For every vendor that has built-in
 * tables; columns of the others are left out.
 */
class TutorialTest {
  private static final Path PAGE = Path.of("../docs/tutorial.md");
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?ms)(?:<!-- exit status ([0-9]+) -->\n)?^```(sh|text|csv)\n(.*?)^```$"
              + "|^(\\| file \\| cell .*?\n)\n");
  private static final Pattern PATH = Pattern.compile("`([a-z-]+/[a-z/-]+\\.csv)`");
  private static final Pattern QUOTED = Pattern.compile("`([^`]*)`");

  @TempDir Path directory;

  @BeforeEach
  void theCommandIsThere() throws IOException {
    Path script = directory.resolve("precept");
    Files.writeString(
        script,
        "#!/bin/sh\nexec '"
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' -Dprecept.command=\"$0\" -cp '"
            + System.getProperty("java.class.path")
            + "' dev.precept.cli.Main \"$@\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void thePageWorksAsItIsWritten() throws Exception {
    String page = Files.readString(PAGE);
    String output = "";
    int steps = 0;
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      steps++;
      if (block.group(4) != null) {
        fill(block.group(4));
      } else if (block.group(2).equals("sh")) {
        output = run(block.group(3), block.group(1) == null ? 0 : Integer.parseInt(block.group(1)));
      } else if (block.group(2).equals("csv")) {
        Path file = directory.resolve(lastPath(page.substring(0, block.start())));
        Files.createDirectories(file.getParent());
        Files.writeString(file, block.group(3));
      } else {
        assertThat(missing(block.group(3), output)).as(output).isEmpty();
      }
    }
    assertThat(steps).as("blocks found in the page").isGreaterThan(8);
  }

  @TestFactory
  List<DynamicTest> everyVendorThatIsBuiltInHasAColumn() throws IOException {
    String page = Files.readString(PAGE);
    List<DynamicTest> tests = new ArrayList<>();
    for (String vendor : TableLoader.vendors(List.of(TableSource.builtIn()))) {
      String name = TableLoader.load(vendor).orThrow().vendorName();
      tests.add(DynamicTest.dynamicTest(name, () -> assertThat(page).contains("| " + name + " |")));
    }
    return tests;
  }

  @Test
  void whatTheOutputLacksIsNoticed() {
    assertThat(missing("one\n...two\nsix\n", "one\nis two\nthree\n")).containsExactly("six");
  }

  private String run(String commands, int status) throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder("sh", "-e", "-c", commands)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int ended = process.waitFor();
    String text = Files.readString(output);
    assertThat(ended).as(commands + text).isEqualTo(status);
    return text;
  }

  /** Lines that the page shows and the output does not have, in this order; {@code ...} is any. */
  private static List<String> missing(String shown, String output) {
    List<String> missing = new ArrayList<>();
    List<String> lines = output.lines().map(String::stripTrailing).toList();
    int from = 0;
    for (String line : shown.lines().filter(line -> !line.isBlank()).toList()) {
      Pattern pattern =
          Pattern.compile(Pattern.quote(line.stripTrailing()).replace("...", "\\E.*\\Q"));
      int at = from;
      while (at < lines.size() && !pattern.matcher(lines.get(at)).matches()) {
        at++;
      }
      if (at == lines.size()) {
        missing.add(line);
      } else {
        from = at + 1;
      }
    }
    return missing;
  }

  /**
   * Fills the cells of a table of the page, in the columns of vendors that have built-in tables.
   */
  private void fill(String table) throws IOException {
    List<String> lines = table.lines().toList();
    List<String> heads = cells(lines.get(0));
    List<String> vendors = TableLoader.vendors(List.of(TableSource.builtIn()));
    for (String vendor : vendors) {
      int column = heads.indexOf(TableLoader.load(vendor).orThrow().vendorName());
      assertThat(column).as("column of " + vendor).isPositive();
      for (String line : lines.subList(2, lines.size())) {
        List<String> cells = cells(line);
        set(
            directory.resolve("my-tables").resolve(vendor).resolve(quoted(cells.get(0)).get(0)),
            quoted(cells.get(1)),
            quoted(cells.get(column)).get(0));
      }
    }
  }

  private static List<String> cells(String line) {
    return List.of(line.substring(1).strip().split(" *\\| *"));
  }

  private static List<String> quoted(String text) {
    return QUOTED.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Sets the one of {@code columns} that the only row of {@code file} has; it was empty before. */
  private static void set(Path file, List<String> columns, String value) throws IOException {
    CSVFormat format = CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();
    List<List<String>> rows = new ArrayList<>();
    try (CSVParser parser =
        CSVParser.parse(new StringReader(Files.readString(file, StandardCharsets.UTF_8)), format)) {
      for (CSVRecord record : parser) {
        rows.add(new ArrayList<>(record.toList()));
      }
    }
    String column = columns.stream().filter(rows.get(0)::contains).findFirst().orElseThrow();
    int at = rows.get(0).indexOf(column);
    assertThat(rows.get(1).get(at)).as(file + " " + column).isEmpty();
    rows.get(1).set(at, value);
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(format.format(row.toArray())).append('\n');
    }
    Files.writeString(file, text);
  }

  private static String lastPath(String text) {
    return PATH.matcher(text).results().reduce((first, second) -> second).orElseThrow().group(1);
  }
}
