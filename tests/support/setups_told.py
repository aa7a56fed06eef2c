"""What `/setups` says of a coin, around one setup that is drawn."""

from bot.core.signals.setups import SetupChart, SetupsReading


def setups_reading(chart: SetupChart) -> SetupsReading:
    """Return the answer that a chart is the picture of."""
    over = chart.setup.now.ended is not None
    return SetupsReading(
        chart.base,
        chart.as_of,
        chart.price,
        () if over else (chart.setup,),
        (chart.setup,) if over else (),
        chart.grade,
        proven=True,
        tape=True,
        least=(),
        coins=1,
        unproven=0,
        waiting=0,
        venues=chart.venues,
        asked=chart.asked,
        failures=(),
        simulated=chart.simulated,
    )
