package dev.precept.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.ForAll;

/** The form whose states a {@link RandomState} is drawn from. */
@Target({ElementType.PARAMETER, ElementType.TYPE_USE})
@Retention(RetentionPolicy.RUNTIME)
@ForAll
public @interface OfForm {
  /** Vendor, such as {@code svm}. */
  String vendor();

  /** {@code InstructionForm.id()}, such as {@code lmsw.mem}. */
  String id();
}
