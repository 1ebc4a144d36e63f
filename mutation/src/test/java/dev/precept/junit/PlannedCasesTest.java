package dev.precept.junit;

import static org.assertj.core.api.Assertions.fail;

import dev.precept.generator.state.UnbuildableException;
import dev.precept.subject.CoreSubject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The planned cases of the gate, all those of a form as one test: a mutant of the core is killed by
 * the first case that does not hold. What generated classes do for each case is done here without
 * compiling them, by the same parts; random states are left out, so that a score repeats.
 *
 * <p>In the package of those parts, which nobody else needs.
 */
class PlannedCasesTest {
  private static final Map<String, Bench> BENCHES = new TreeMap<>();

  static {
    for (String vendor : System.getProperty("mutation.vendors", "svm,vmx").split(",")) {
      BENCHES.put(vendor, bench(vendor));
    }
  }

  /** By form: planning is slow beside running, and mutants come by the thousand. */
  private static final Map<String, List<Session.Part>> PARTS = new ConcurrentHashMap<>();

  private static Bench bench(String vendor) {
    try {
      return new Bench(TableLoader.load(vendor).orThrow());
    } catch (TablesException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<String> forms() {
    return BENCHES.entrySet().stream()
        .flatMap(
            vendor ->
                vendor.getValue().tables().forms().stream()
                    .map(form -> vendor.getKey() + "/" + form.id()));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void everyPlannedCaseHolds(String name) {
    Bench bench = BENCHES.get(name.substring(0, name.indexOf('/')));
    InstructionForm form = bench.form(name.substring(name.indexOf('/') + 1));
    List<Session.Part> parts = PARTS.computeIfAbsent(name, unused -> parts(bench, form));
    try (CoreSubject core = new CoreSubject()) {
      for (Session.Part part : parts) {
        run(bench, form, part, core);
      }
    }
  }

  private static void run(
      Bench bench, InstructionForm form, Session.Part part, CoreSubject core) {
    Bench.Prepared prepared;
    try {
      prepared = bench.prepare(form, part.assignment(), part.id());
    } catch (UnbuildableException e) {
      return;
    }
    Bench.Judged judged = bench.judge(prepared, core.run(prepared.testCase()), 0);
    if (!judged.judgement().verdict().holds()) {
      fail(part.id() + ": " + judged.judgement().verdict());
    }
  }

  private static List<Session.Part> parts(Bench bench, InstructionForm form) {
    return bench.planner().plan(form::equals).cases().stream()
        .flatMap(
            planned ->
                Session.parts(
                    bench,
                    planned.form(),
                    planned.kind().word(),
                    planned.assignment(),
                    planned.id())
                    .stream())
        .toList();
  }
}
