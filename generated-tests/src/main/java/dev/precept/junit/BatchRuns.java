package dev.precept.junit;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.subject.Subject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs batches on a subject, one after the other, while whoever makes them makes the next: two are
 * in memory at most.
 */
final class BatchRuns implements AutoCloseable {
  private final Subject subject;
  private final Consumer<Observation> observations;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private Future<?> running = CompletableFuture.completedFuture(null);

  /**
   * Batches for {@code subject}.
   *
   * @param observations takes observations, from one other thread
   */
  BatchRuns(Subject subject, Consumer<Observation> observations) {
    this.subject = subject;
    this.observations = observations;
  }

  /** Begins to run {@code batch} once the one before has ended; throws what that one threw. */
  void run(List<Case> batch) {
    await();
    if (!batch.isEmpty()) {
      running = thread.submit(() -> subject.run(batch, observations));
    }
  }

  /** Waits for the end of what runs; throws what it threw. */
  void await() {
    try {
      running.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SuiteException("interrupted while cases ran");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Ends what still runs, because making the next batch failed. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
