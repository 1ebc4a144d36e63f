package dev.precept.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What all cases of a generated method claim. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Claim {
  /** Sort of claim, as {@code --kind} selects it. */
  String kind();

  /** The claim, a sentence. */
  String text();

  /** What must happen, for people. */
  String expect();

  /** Id of the check the claim is about, or {@code none}. */
  String first();

  /** For a pair, id of the check that is outranked; else empty. */
  String second();

  /** Document and section. */
  String source();

  /** {@code file:line} of the table row. */
  String row();

  /** The mistake that a violation points to. */
  String reveals();
}
