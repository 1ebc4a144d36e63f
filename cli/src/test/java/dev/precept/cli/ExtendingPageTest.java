package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.PairStatus;
import dev.precept.generator.plan.Plan;
import dev.precept.tables.Tables;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of docs/extending.md are rows: they load, and cases come of them. */
class ExtendingPageTest {
  private static final Path PAGE = Path.of("../docs/extending.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```csv\n(.*?)^```$");
  private static final Pattern PATH = Pattern.compile("`my-tables/([a-z/]+\\.csv)`");

  @TempDir Path directory;
  private LoadResult loaded;

  @BeforeEach
  void putTheRowsIntoAFolder() throws IOException {
    String page = Files.readString(PAGE);
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      String name =
          PATH.matcher(page.substring(0, block.start()))
              .results()
              .reduce((first, second) -> second)
              .orElseThrow()
              .group(1);
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, block.group(1));
    }
    loaded = TableLoader.load("svm", List.of(TableSource.builtIn(), TableSource.folder(directory)));
  }

  @Test
  void theyHaveNothingWrong() {
    assertThat(loaded.problems()).isEmpty();
  }

  @Test
  void theirOpenPairsAreTestedAsOpen() {
    assertThat(plan().count(PairStatus.Status.OPEN_TESTED)).isPositive();
  }

  @Test
  void theNumbersBoundaryIsTestedOnBothSides() {
    assertThat(plan().cases())
        .extracting(planned -> planned.assignment().text())
        .anyMatch(state -> state.contains("rcx_fence=2"))
        .anyMatch(state -> state.contains("rcx_fence=3"));
  }

  @Test
  void theConditionalExitHappensForSomeFencesOnly() {
    assertThat(plan().cases())
        .extracting(planned -> planned.id())
        .anyMatch(id -> id.startsWith("svm/fencemem/long64/mcdc.exit.rcx_fence"));
  }

  private Plan plan() {
    Tables tables = loaded.orThrow();
    return new Generator(tables).plan(form -> form.instruction().equals("fencemem"));
  }
}
