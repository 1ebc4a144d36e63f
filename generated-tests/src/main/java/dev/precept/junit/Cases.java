package dev.precept.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cases of a generated test method, which takes a {@link PreceptCase}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(CasesExtension.class)
public @interface Cases {
  /** A row a case: {@code id | assignment | ids of the checks that may win}. */
  String[] value();
}
