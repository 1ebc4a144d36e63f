package dev.precept.tables.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables that come with Precept. */
class BuiltInTablesTest {
  @Test
  void theIndexListsExactlyTheFilesThereAre() throws IOException {
    List<String> there = TableSource.folder(Path.of("src/main/resources/tables")).files();
    assertThat(TableSource.builtIn().files()).containsExactlyElementsOf(there);
  }

  @Test
  void theSvmTablesLoadWithoutErrors() {
    assertThat(TableLoader.load("svm").errors()).isEmpty();
  }
}
