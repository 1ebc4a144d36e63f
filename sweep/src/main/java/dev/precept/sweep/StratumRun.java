package dev.precept.sweep;

import dev.precept.cases.Verdict;
import dev.precept.generator.Assignment;
import dev.precept.generator.plan.PathStates;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.subject.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Goes through the paths of one stratum that one layer takes. For one thread. */
final class StratumRun {
  /** Findings kept of one stratum in one layer; more of the same tell nothing new. */
  private static final int FINDINGS = 3;

  /** Paths between two reports of how far it is. */
  private static final int EVERY = 64;

  private final Stratum stratum;
  private final Layer layer;
  private final SweepOptions options;
  private final Subject subject;
  private final PathStates states;
  private final long start;

  private long position;
  private long taken;
  private long impossible;
  private long unbuildable;
  private final long[] verdicts = new long[Verdict.values().length];
  private final List<Finding> findings;

  /** Goes on from {@code from}. */
  StratumRun(Stratum stratum, Layer layer, SweepOptions options, Subject subject, Tally from) {
    this.stratum = stratum;
    this.layer = layer;
    this.options = options;
    this.subject = subject;
    this.states = stratum.space().pathStates();
    this.start = from.position();
    this.taken = from.taken();
    this.impossible = from.impossible();
    this.unbuildable = from.unbuildable();
    for (int i = 0; i < verdicts.length; i++) {
      verdicts[i] = from.verdicts().get(i);
    }
    this.findings = new ArrayList<>(from.findings());
  }

  /** Runs until the end, or until {@code stop} says so; tells from time to time how far it is. */
  void run(BooleanSupplier stop, Consumer<Tally> progress) {
    stratum
        .space()
        .decisionPaths()
        .visit(
            path -> {
              if (position >= start
                  && layer.takes(position, stratum.paths())
                  && Layer.belongs(position, options.shard(), options.shards())) {
                if (stop.getAsBoolean()) {
                  return false;
                }
                take(path);
                position++;
                if (taken % EVERY == 0) {
                  progress.accept(tally());
                }
                return true;
              }
              position++;
              return true;
            });
    position = Math.max(position, start);
    progress.accept(tally());
  }

  private void take(int[] path) {
    taken++;
    Assignment first = null;
    for (int number = 0; number < options.states(); number++) {
      Optional<Assignment> state = states.state(path, number);
      if (state.isEmpty()) {
        impossible++;
        return;
      }
      if (number > 0 && state.get().equals(first)) {
        // Everything decides: the path is a single state, and that was run.
        return;
      }
      first = number == 0 ? state.get() : first;
      run(state.get());
    }
  }

  private void run(Assignment state) {
    Laboratory.Trial trial;
    try {
      trial = stratum.laboratory().run(stratum.form(), state, subject);
    } catch (UnbuildableException e) {
      unbuildable++;
      return;
    } catch (RuntimeException e) {
      throw new IllegalStateException(stratum.id() + " in state " + state.text(), e);
    }
    Verdict verdict = trial.judgement().verdict();
    verdicts[verdict.ordinal()]++;
    if (!verdict.passes() && findings.size() < FINDINGS) {
      findings.add(Finding.of(stratum, state.text(), trial));
    }
  }

  private Tally tally() {
    return new Tally(
        position,
        taken,
        impossible,
        unbuildable,
        LongStream.of(verdicts).boxed().toList(),
        findings);
  }
}
