package dev.precept.generator.plan;

import dev.precept.tables.InstructionForm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Work on each of many forms. One form may need a thousand times another's, so whoever is idle
 * takes the next one; a parallel stream deals out a few large shares beforehand, and in the end
 * waits for the largest.
 */
final class EachForm {
  private EachForm() {}

  /**
   * What {@code work} makes of each form, in the order of {@code forms}.
   *
   * @throws RuntimeException what {@code work} throws for the first form that it throws for
   */
  static <T> List<T> map(List<InstructionForm> forms, Function<InstructionForm, T> work) {
    int processors = Runtime.getRuntime().availableProcessors();
    ExecutorService workers =
        Executors.newFixedThreadPool(Math.max(1, Math.min(processors, forms.size())));
    try {
      List<Callable<T>> jobs = new ArrayList<>();
      forms.forEach(form -> jobs.add(() -> work.apply(form)));
      List<T> made = new ArrayList<>();
      for (Future<T> job : workers.invokeAll(jobs)) {
        made.add(job.get());
      }
      return made;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException thrown
          ? thrown
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while forms were planned");
    } finally {
      workers.shutdownNow();
    }
  }
}
