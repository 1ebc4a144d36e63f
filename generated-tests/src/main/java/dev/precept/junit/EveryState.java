package dev.precept.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;

/**
 * A property over random lawful states; the method takes a {@link RandomState}. The seed is fixed,
 * so that a run can be repeated; {@code -Djqwik.tries.default=N} sets how many states are tried.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Property(
    seed = EveryState.SEED,
    generation = GenerationMode.RANDOMIZED,
    edgeCases = EdgeCasesMode.NONE,
    afterFailure = AfterFailureMode.PREVIOUS_SEED)
public @interface EveryState {
  /** The seed, a number. */
  String SEED = "20260101";
}
