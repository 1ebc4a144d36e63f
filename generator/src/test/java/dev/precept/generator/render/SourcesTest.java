package dev.precept.generator.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.util.JavacTask;
import dev.precept.generator.Generator;
import dev.precept.generator.SmallTables;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final String TEST = "dev/precept/generated/svm/ITest.java";

  private static SortedMap<String, String> sources(Tables tables) {
    return new Generator(tables).sources(form -> true).sources();
  }

  @Test
  void aMethodIsNamedByItsClaimAndCitesItsRow() {
    String source = sources(SmallTables.tables().form("i", "gp.b > exit.x").load()).get(TEST);

    assertThat(source)
        .contains("void gpB_precedes_xIntercept(PreceptCase c)")
        .contains("* <p>Expect: #GP(0).")
        .contains("APM2 15.9 (svm/instructions/i.csv:2)")
        .contains("\"svm/i/long64/gp.b>exit | mode=long64 b=1 icpt.x=1 | gp.b\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/ class Evil {} /*",
        "\\u002a\\u002f class Evil {} \\u002f\\u002a",
        "\" + System.exit(1) + \"",
        "${1+1} <#assign x = 1> <@macro/>",
        "{@link Evil} @Deprecated <script>",
      })
  void textOfATableStaysTextInTheSource(String mnemonic) {
    String source =
        sources(SmallTables.tables().formCalled("i", mnemonic, "gp.b > exit.x").load()).get(TEST);

    assertThat(classesIn(source)).containsExactly("ITest");
  }

  /** Names of the types that a parser finds, which does not resolve what they use. */
  private static List<String> classesIn(String source) {
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///ITest.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> classes = new ArrayList<>();
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-proc:none"), null, List.of(file));
    try {
      task.parse()
          .forEach(
              unit ->
                  unit.getTypeDecls()
                      .forEach(type -> classes.add(((ClassTree) type).getSimpleName().toString())));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return classes;
  }

  @Test
  void theSvmSourcesAreTheSameBytesEveryTime() throws Exception {
    Tables svm = TableLoader.load("svm").orThrow();

    assertThat(sources(svm)).isEqualTo(sources(TableLoader.load("svm").orThrow()));
  }

  @Test
  void unchangedSourcesAreNotTouched(@TempDir Path root) throws Exception {
    SortedMap<String, String> sources = new TreeMap<>();
    sources.put("p/ATest.java", "class ATest {}");
    SourceFolder folder = new SourceFolder(root);
    assertThat(folder.update(sources, true).written()).containsExactly("p/ATest.java");

    assertThat(folder.update(sources, true).written()).isEmpty();
  }

  @Test
  void staleSourcesAreRemovedOnlyByACompleteSet(@TempDir Path root) throws Exception {
    Files.createDirectories(root.resolve("p"));
    Files.writeString(root.resolve("p/OldTest.java"), "class OldTest {}");
    SortedMap<String, String> sources = new TreeMap<>();
    sources.put("p/ATest.java", "class ATest {}");
    SourceFolder folder = new SourceFolder(root);

    assertThat(folder.update(sources, false).removed()).isEmpty();
    assertThat(folder.update(sources, true).removed()).containsExactly("p/OldTest.java");
  }

  @Test
  void whatARunThatWasKilledHadNotWrittenWholeIsRemoved(@TempDir Path root) throws Exception {
    Path left = root.resolve(".draft.p.BTest.java");
    Files.writeString(left, "class B");
    SortedMap<String, String> sources = new TreeMap<>();
    sources.put("p/ATest.java", "class ATest {}");

    new SourceFolder(root).update(sources, true);

    assertThat(left).doesNotExist();
    assertThat(root.resolve("p/ATest.java")).hasContent("class ATest {}");
  }
}
