package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import java.util.List;
import java.util.function.Consumer;

/** An implementation under test. Not thread-safe; use one for each worker. */
public interface Subject extends AutoCloseable {
  /** The word that selects it, such as {@code core}. */
  String name();

  /** Version of the implementation, for the record. */
  String version();

  /**
   * Runs a batch.
   *
   * @param batch cases with different ids
   * @param observations takes an observation for each case, in any order, each with its case's id;
   *     a case that could not be run, hung or died is observed as such and never left out
   */
  void run(List<Case> batch, Consumer<Observation> observations);

  /**
   * The features of {@code testCase} in which this subject's processor is, and stays, otherwise.
   * Where they decide nothing but what an exit reports, the case can be asked for as the processor
   * is.
   *
   * @return bits as {@link Case#features} has them
   */
  default List<FeatureBit> otherwise(Case testCase) {
    return List.of();
  }

  @Override
  void close();
}
