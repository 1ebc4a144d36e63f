package dev.precept.fuzz;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The core and the tables do not meet here either; and nobody depends on what is here. */
class FuzzArchitectureTest {
  private static final JavaClasses PRECEPT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.precept");

  @Test
  void targetsOfTheCoreKnowTheCoreAlone() {
    classes()
        .that()
        .resideInAPackage("dev.precept.fuzz.core..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.precept.fuzz",
            "dev.precept.fuzz.core..",
            "dev.precept.core..",
            "java..",
            "com.sun.management..")
        .check(PRECEPT);
  }

  @Test
  void targetsOfTheTablesKnowTheTablesAlone() {
    classes()
        .that()
        .resideInAPackage("dev.precept.fuzz.tables..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.precept.fuzz", "dev.precept.fuzz.tables..", "dev.precept.tables..", "java..")
        .check(PRECEPT);
  }

  @Test
  void targetsOfMessagesKnowNeither() {
    noClasses()
        .that()
        .resideInAPackage("dev.precept.fuzz.messages..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.precept.core..", "dev.precept.fuzz.core..", "dev.precept.fuzz.tables..")
        .check(PRECEPT);
  }

  @Test
  void nobodyDependsOnTargets() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.precept.fuzz..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.precept.fuzz..")
        .check(PRECEPT);
  }
}
