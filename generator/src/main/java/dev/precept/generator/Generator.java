package dev.precept.generator;

import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.render.SourceRenderer;
import dev.precept.generator.render.Views;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** From checked tables to a plan, and from a plan to test sources. */
public final class Generator {
  private final Tables tables;
  private final Planner planner;

  /** A generator for one vendor's tables. */
  public Generator(Tables tables) {
    this.tables = tables;
    this.planner = new Planner(tables);
  }

  /** The tables. */
  public Tables tables() {
    return tables;
  }

  /** The planner, for the states and the one-hot assignments of its cases. */
  public Planner planner() {
    return planner;
  }

  /** The plan for the forms that {@code wanted} accepts. */
  public Plan plan(Predicate<InstructionForm> wanted) {
    return planner.plan(wanted);
  }

  /**
   * A plan, and the sources of its cases.
   *
   * @param sources by path relative to the source root
   */
  public record Sources(Plan plan, SortedMap<String, String> sources) {}

  /**
   * The plan for the forms that {@code wanted} accepts and its sources.
   *
   * @throws IllegalStateException if two forms would have the same class name
   */
  public Sources sources(Predicate<InstructionForm> wanted) {
    ConcurrentSkipListMap<String, String> sources = new ConcurrentSkipListMap<>();
    Plan plan = sources(wanted, sources::put);
    return new Sources(plan, sources);
  }

  /**
   * The plan for the forms that {@code wanted} accepts. A form's sources are made while others are
   * planned still.
   *
   * @param source takes the path of each source relative to the source root, and the source; of
   *     several forms at the same time and in no order
   * @throws IllegalStateException if two forms would have the same class name
   */
  public Plan sources(Predicate<InstructionForm> wanted, BiConsumer<String, String> source) {
    Views views = new Views(tables);
    SourceRenderer renderer = new SourceRenderer();
    Views.checkNames(tables.forms().stream().filter(wanted).toList());
    return planner.plan(
        wanted,
        (form, cases) -> {
          if (!cases.isEmpty()) {
            renderer.render(views.of(form, cases)).forEach(source);
          }
        });
  }
}
