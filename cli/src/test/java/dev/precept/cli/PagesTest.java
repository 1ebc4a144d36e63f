package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What the pages show of the command line exists, and so does what they link to. */
class PagesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMAND =
      Pattern.compile("(?:\\./precept|precept\\.jar) ([a-z]+)((?: +[^\\n`|]+)?)");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @TestFactory
  List<DynamicTest> everyCommandAndOptionThatAPageShowsExists() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher command = COMMAND.matcher(Files.readString(page));
      while (command.find()) {
        String name = command.group(1);
        // What stands between quotation marks is a subject's own business.
        String words = command.group(2).replaceAll("'[^']*'", "''");
        tests.add(
            DynamicTest.dynamicTest(
                page.getFileName() + ": " + command.group().strip(), () -> check(name, words)));
      }
    }
    assertThat(tests).as("commands found").hasSizeGreaterThan(20);
    return tests;
  }

  @TestFactory
  List<DynamicTest> everyLinkLeadsToAFile() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        Path target = page.resolveSibling(link.group(1)).normalize();
        tests.add(
            DynamicTest.dynamicTest(
                page.getFileName() + ": " + link.group(1), () -> assertThat(target).exists()));
      }
    }
    assertThat(tests).as("links found").hasSizeGreaterThan(5);
    return tests;
  }

  private static void check(String name, String words) {
    CommandLine precept = new CommandLine(new PreceptCommand());
    assertThat(precept.getSubcommands()).containsKey(name);
    CommandLine command = precept.getSubcommands().get(name);
    for (String word : words.strip().split(" +")) {
      if (command.getSubcommands().containsKey(word)) {
        command = command.getSubcommands().get(word);
      }
    }
    CommandSpec spec = command.getCommandSpec();
    Matcher option = OPTION.matcher(words);
    while (option.find()) {
      assertThat(spec.optionsMap()).containsKey(option.group());
    }
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }
}
