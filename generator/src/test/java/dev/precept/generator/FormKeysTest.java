package dev.precept.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.tables.FormKeys;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the tables a form's cases come from, and what not. */
class FormKeysTest {
  private static final int LARGEST_FILE = 1 << 24;

  /** Forms that are planned: of several files, with and without the check that is edited. */
  private static final List<String> FORMS = List.of("rdtsc", "rdpmc", "hlt", "clts", "stgi");

  @TempDir private Path folder;
  private Tables before;

  @BeforeEach
  void copy() throws Exception {
    TableSource source = TableSource.builtIn();
    for (String file : source.files()) {
      Path copy = folder.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.write(copy, source.read(file, LARGEST_FILE));
    }
    before = load();
  }

  private Tables load() throws Exception {
    return TableLoader.load("svm", List.of(TableSource.folder(folder))).orThrow();
  }

  private Tables edited(String file, String from, String to) throws Exception {
    Path path = folder.resolve(file);
    String text = Files.readString(path, StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to), StandardCharsets.UTF_8);
    return load();
  }

  /** Forms whose key is another than it was. */
  private Set<String> changed(Tables after) {
    Map<String, String> then = FormKeys.of(before);
    Set<String> changed = new TreeSet<>();
    FormKeys.of(after)
        .forEach(
            (form, key) -> {
              if (!key.equals(then.get(form))) {
                changed.add(form);
              }
            });
    return changed;
  }

  private static List<PlannedCase> cases(Tables tables, String form) {
    return new Planner(tables).plan(each -> each.id().equals(form)).cases();
  }

  @Test
  void theSameTablesHaveTheSameKeys() throws Exception {
    assertThat(changed(edited("svm/instructions/timestamp.csv", "rdtsc", "rdtsc"))).isEmpty();
  }

  @Test
  void anEditOfARowConcernsItsForm() throws Exception {
    Tables after =
        edited(
            "svm/instructions/timestamp.csv", "gp.tsd > exit.rdtsc,p66", "exit.rdtsc > gp.tsd,p66");

    assertThat(changed(after)).containsExactly("rdtsc");
  }

  @Test
  void anEditOfACheckConcernsTheFormsThatHaveIt() throws Exception {
    Set<String> having = new TreeSet<>();
    for (InstructionForm form : before.forms()) {
      if (form.order().checks().contains("gp.pce")) {
        having.add(form.id());
      }
    }

    Tables after = edited("common/checks.csv", "cpl != 0 && !cr4.pce", "cpl == 3 && !cr4.pce");

    assertThat(changed(after)).isNotEmpty().isEqualTo(having);
    for (String form : FORMS) {
      assertThat(cases(after, form).equals(cases(before, form)))
          .as("%s has the same cases", form)
          .isEqualTo(!having.contains(form));
    }
  }

  @Test
  void anEditOfWhatAllShareConcernsEveryForm() throws Exception {
    Tables after =
        edited("common/constraints.csv", "real mode runs at CPL 0", "real mode has no CPL");

    assertThat(changed(after)).hasSameSizeAs(before.forms());
  }
}
