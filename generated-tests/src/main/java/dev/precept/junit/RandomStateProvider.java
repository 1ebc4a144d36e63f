package dev.precept.junit;

import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.providers.ArbitraryProvider;
import net.jqwik.api.providers.TypeUsage;

/** Gives jqwik the states of the form that a {@link RandomState} is annotated with. */
public final class RandomStateProvider implements ArbitraryProvider {
  @Override
  public boolean canProvideFor(TypeUsage type) {
    return type.isOfType(RandomState.class) && type.isAnnotated(OfForm.class);
  }

  @Override
  public Set<Arbitrary<?>> provideFor(TypeUsage type, SubtypeProvider subtypes) {
    OfForm form = type.findAnnotation(OfForm.class).orElseThrow();
    return Set.of(new RandomStates(Session.current(), form.vendor(), form.id()).arbitrary());
  }
}
