package dev.precept.sweep;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What to sweep, and how.
 *
 * @param tables tables of each vendor
 * @param forms which forms
 * @param budget how much of them
 * @param states states to draw from each path, at least 1: the quietest, then random ones
 * @param shard part of the paths to take, from 1 to {@code shards}
 * @param shards number of parts
 * @param threads threads, each with a subject of its own
 * @param checkpoint file to go on from, and to leave what was done in
 */
public record SweepOptions(
    List<Tables> tables,
    Predicate<InstructionForm> forms,
    Budget budget,
    int states,
    int shard,
    int shards,
    int threads,
    Optional<Path> checkpoint) {
  /** Checks the numbers. */
  public SweepOptions {
    tables = List.copyOf(tables);
    if (states < 1 || threads < 1 || shard < 1 || shard > shards) {
      throw new IllegalArgumentException("states, threads and shards count from 1");
    }
  }

  /** Everything of {@code tables}, in one part, two states a path. */
  public static SweepOptions of(List<Tables> tables) {
    return new SweepOptions(tables, form -> true, Budget.UNLIMITED, 2, 1, 1, 1, Optional.empty());
  }

  /** These options with other forms. */
  public SweepOptions withForms(Predicate<InstructionForm> forms) {
    return new SweepOptions(tables, forms, budget, states, shard, shards, threads, checkpoint);
  }

  /** These options with another budget. */
  public SweepOptions withBudget(Budget budget) {
    return new SweepOptions(tables, forms, budget, states, shard, shards, threads, checkpoint);
  }

  /** These options with another number of states drawn from each path. */
  public SweepOptions withStates(int states) {
    return new SweepOptions(tables, forms, budget, states, shard, shards, threads, checkpoint);
  }

  /** These options with part {@code shard} of {@code shards}. */
  public SweepOptions withShard(int shard, int shards) {
    return new SweepOptions(tables, forms, budget, states, shard, shards, threads, checkpoint);
  }

  /** These options with another number of threads. */
  public SweepOptions withThreads(int threads) {
    return new SweepOptions(tables, forms, budget, states, shard, shards, threads, checkpoint);
  }

  /** These options with a checkpoint. */
  public SweepOptions withCheckpoint(Path file) {
    return new SweepOptions(
        tables, forms, budget, states, shard, shards, threads, Optional.of(file));
  }
}
