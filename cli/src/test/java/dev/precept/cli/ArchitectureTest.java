package dev.precept.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who may depend on whom. Results mean something only because the tables and the core are two
 * statements of the architecture that know nothing of each other and meet in a test.
 */
class ArchitectureTest {
  private static final JavaClasses PRECEPT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.precept");

  /** Each module's root package, and the modules of ours that it may use. */
  private static final Map<String, List<String>> ALLOWED =
      Map.of(
          "dev.precept.cases", List.of(),
          "dev.precept.tables", List.of("dev.precept.cases"),
          "dev.precept.core", List.of(),
          "dev.precept.generator", List.of("dev.precept.cases", "dev.precept.tables"),
          "dev.precept.power",
              List.of("dev.precept.cases", "dev.precept.tables", "dev.precept.generator"),
          "dev.precept.subject", List.of("dev.precept.cases", "dev.precept.core"),
          "dev.precept.sweep",
              List.of(
                  "dev.precept.cases",
                  "dev.precept.tables",
                  "dev.precept.generator",
                  "dev.precept.subject"),
          "dev.precept.report", List.of("dev.precept.cases", "dev.precept.tables"),
          "dev.precept.junit",
              List.of(
                  "dev.precept.cases",
                  "dev.precept.tables",
                  "dev.precept.generator",
                  "dev.precept.subject",
                  "dev.precept.report"),
          "dev.precept.cli",
              List.of(
                  "dev.precept.cases",
                  "dev.precept.tables",
                  "dev.precept.generator",
                  "dev.precept.power",
                  "dev.precept.sweep",
                  "dev.precept.subject",
                  "dev.precept.junit",
                  "dev.precept.report"));

  /**
   * Root package of the module fuzz, which is not in the jar and which nobody uses; what it may use
   * itself its own architecture test says.
   */
  private static final String FUZZ = "dev.precept.fuzz";

  static List<String> modules() {
    return ALLOWED.keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleUsesOnlyTheModulesItMay(String module) {
    List<String> may = new ArrayList<>(ALLOWED.get(module));
    may.add(module);
    List<String> others =
        Stream.concat(modules().stream(), Stream.of(FUZZ))
            .filter(other -> !may.contains(other))
            .toList();

    noClasses()
        .that()
        .resideInAPackage(module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others.stream().map(other -> other + "..").toArray(String[]::new))
        .check(PRECEPT);
  }

  @Test
  void everyClassBelongsToAModule() {
    String[] roots = modules().stream().map(module -> module + "..").toArray(String[]::new);

    classes().should().resideInAnyPackage(roots).check(PRECEPT);
  }

  @Test
  void theCoreUsesNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage("dev.precept.core..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.precept.core..", "java..")
        .check(PRECEPT);
  }

  @Test
  void theCoreAndTheTablesAreBothLookedAt() {
    assertThat(PRECEPT)
        .extracting(JavaClass::getPackageName)
        .contains("dev.precept.core", "dev.precept.tables", "dev.precept.report");
  }
}
