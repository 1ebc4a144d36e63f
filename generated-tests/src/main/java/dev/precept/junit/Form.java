package dev.precept.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The instruction form that a generated class is about. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Form {
  /** Vendor, such as {@code svm}. */
  String vendor();

  /** {@code InstructionForm.id()}, such as {@code lmsw.mem}. */
  String id();
}
