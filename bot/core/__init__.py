"""What is known: numpy in, numpy out. No await, no clock, no log, no input or output.

The glossary. One word for one thing, with its unit:

mark price          the price by which a venue judges margin [quote/base]
entry price         the price at which a position was opened [quote/base]
quantity            size in base currency [base]
value               size in quote currency [quote]; USD where the quote is a dollar stablecoin
open interest       sum of all open long positions, which equals that of all shorts [base]
funding rate        what longs pay shorts at each funding time [fraction of value]
long/short ratio    accounts that are long / accounts that are short [1]
taker buy volume    the part of volume whose aggressor bought [base]
leverage            value / own margin when the position was opened [1]
maintenance margin  the least margin a venue lets a position have [quote]
liquidation price   mark price at which a position is taken over by its venue [quote/base]
liquidation         a position, or part of one, closed by its venue; its side is the position's
liquidation map     estimated USD liquidated by price, longs below and shorts above, at one time
heatmap             the maps of a window, one column for each stretch of time
cluster             a zone of price, 0.5-1 % wide, in which much would be liquidated
swept               a cluster that price has gone through
cumulative delta    liquidated shorts less liquidated longs, summed outward from the price [USD]
tier                one leverage of the mix that the estimate keeps apart
bracket             one step of a venue's table of position sizes and margin rates
"""
