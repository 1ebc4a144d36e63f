package ${view.packageName()};

import dev.precept.junit.EveryState;
import dev.precept.junit.InMode;
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
<#list view.properties() as property>

  @EveryState
  void ${property.name()}(
      @InMode(vendor = ${view.vendor()}, form = ${view.form()}, mode = ${property.mode()}) RandomState state) {
    state.holds();
  }
</#list>
}
