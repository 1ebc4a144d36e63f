package ${view.packageName()};

import dev.precept.junit.EveryState;
import dev.precept.junit.OfForm;
import dev.precept.junit.RandomState;

/**
 * ${view.heading()}
 *
 * <p>In whatever state the architecture allows, the checks come in the documented order.
<#list view.paragraphs() as paragraph>
 *
 * <p>${paragraph}
</#list>
 */
class ${view.name()}Properties {

  @EveryState
  void checksComeInOrder_inEveryState(
      @OfForm(vendor = ${view.vendor()}, id = ${view.form()}) RandomState state) {
    state.holds();
  }
}
