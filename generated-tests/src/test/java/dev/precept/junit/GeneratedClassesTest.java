package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.render.Views;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A suite that silently lost its tests would pass: these count them. */
class GeneratedClassesTest {
  private static final int FEWEST_CASES = 30_000;

  private static Tables tables;
  private static List<PlannedCase> planned;

  @BeforeAll
  static void plan() throws Exception {
    tables = TableLoader.load("svm").orThrow();
    planned = new Planner(tables).plan().cases();
  }

  @Test
  void everyPlannedCaseIsARowOfAGeneratedClass() throws Exception {
    List<String> rows =
        tables.forms().stream().flatMap(form -> rows(form).stream()).map(CaseRow::id).toList();

    assertThat(rows).containsExactlyInAnyOrderElementsOf(ids());
  }

  @Test
  void noTwoCasesShareAnId() {
    assertThat(ids()).doesNotHaveDuplicates();
  }

  @Test
  void thereAreNotFewerCasesThanThereWere() {
    assertThat(planned).hasSizeGreaterThan(FEWEST_CASES);
  }

  @Test
  void everyFormHasAPropertyOverItsStates() throws Exception {
    for (InstructionForm form : tables.forms()) {
      assertThat(generated(form, "Properties").getDeclaredMethods())
          .as(form.id())
          .anyMatch(method -> method.isAnnotationPresent(EveryState.class));
    }
  }

  private static List<String> ids() {
    return planned.stream().map(PlannedCase::id).toList();
  }

  private static List<CaseRow> rows(InstructionForm form) {
    return Arrays.stream(generated(form, "Test").getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Cases.class))
        .map((Method method) -> method.getAnnotation(Cases.class).value())
        .flatMap(Arrays::stream)
        .map(CaseRow::parse)
        .toList();
  }

  private static Class<?> generated(InstructionForm form, String suffix) {
    try {
      return Class.forName(
          Views.packageName(tables.vendor()) + "." + Views.className(form) + suffix);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(form.id() + " has no generated class", e);
    }
  }
}
