package dev.precept.power;

import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Tries systematic mutants of every row on the cases that are planned for it.
 *
 * <pre>{@code
 * List<Fate> fates = new Power(tables).run(form -> form.id().equals("rdtsc"), id -> {});
 * }</pre>
 */
public final class Power {
  private final Tables tables;
  private final Predicate<PlannedCase> kept;

  /** Mutants of one vendor's tables, tried on every planned case. */
  public Power(Tables tables) {
    this(tables, planned -> true);
  }

  /** Mutants tried on some of the planned cases: what the others are good for. */
  public Power(Tables tables, Predicate<PlannedCase> kept) {
    this.tables = tables;
    this.kept = kept;
  }

  /**
   * Tries every mutant of every wanted form, with as many threads as there are processors.
   *
   * @param wanted which forms
   * @param done takes each form's id when its mutants were tried; calls may overlap
   * @return what became of each mutant, in table order of the forms
   */
  public List<Fate> run(Predicate<InstructionForm> wanted, Consumer<String> done) {
    StateSpace states = StateSpace.of(tables);
    Planner planner = new Planner(tables);
    CaseBuilder builder = new CaseBuilder(tables);
    Oracle oracle = new Oracle(tables);
    List<InstructionForm> forms = tables.forms().stream().filter(wanted).toList();
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      Map<InstructionForm, Future<List<Fate>>> running = new HashMap<>();
      for (InstructionForm form : largestFirst(forms)) {
        running.put(
            form,
            threads.submit(
                () -> {
                  List<Fate> fates =
                      new FormPower(tables, states, planner, builder, oracle, form, kept).fates();
                  done.accept(form.id());
                  return fates;
                }));
      }
      List<Fate> fates = new ArrayList<>();
      for (InstructionForm form : forms) {
        fates.addAll(running.get(form).get());
      }
      return fates;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the mutants could not be tried", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** So that no processor is left alone with a large form at the end. */
  private static List<InstructionForm> largestFirst(List<InstructionForm> forms) {
    return forms.stream()
        .sorted(
            Comparator.comparingInt(
                    (InstructionForm form) -> form.order().checks().size() * form.modes().size())
                .reversed())
        .toList();
  }
}
