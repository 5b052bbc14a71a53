# What is agreed after a loan began, and what ends it.

== Early money cuts principal, the instalments get smaller
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  early-money reduce_instalment
2026-02-05  pay     L1  2,030.00
# 1,000.00 + 30.00 was due; 1,000.00 cuts principal: 1,000.00 left on two, 500.00 each, interest 10.00 and 5.00
2026-02-05  expect  L1  due 0.00  credit 0.00  not-due 1,000.00  next 510.00
2026-03-05  pay     L1  510.00
2026-04-05  expect  L1  principal 500.00  interest 5.00

== Early money cuts principal, the term gets shorter
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  early-money reduce_term
2026-02-05  pay     L1  2,030.00
2026-02-05  expect  L1  not-due 1,000.00  next 1,010.00
2026-03-05  pay     L1  1,010.00
2026-03-05  expect  L1  status settled

== Early money within a period: interest up to its day on the old balance, then on the new
2026-01-05  loan    L1  3,600.00 CNY  12 monthly  10.0%  interest_only  early-money reduce_instalment
2026-01-20  pay     L1  1,200.00
# (3,600.00 x 15 + 2,400.00 x 15) x 10% / 360 = 25.00; then 2,400.00 x 10% x 30 / 360 = 20.00
2026-01-20  expect  L1  accrued 15.00  not-due 2,400.00  credit 0.00
2026-02-05  expect  L1  interest 25.00
2026-02-05  pay     L1  25.00
2026-03-05  expect  L1  interest 20.00

== Prepaid to cut the instalment: equal instalments are reckoned anew
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_instalment
2026-02-05  pay     L1  1,020.07
2026-02-05  prepay  L1  1,009.93 instalment
# 2,009.93 - 1,009.93 = 1,000.00 on two: 1,000.00 x 1% x 1.01^2 / (1.01^2 - 1) = 507.51
2026-02-05  expect  L1  not-due 1,000.00  next 507.51

== Prepaid to cut the term: the instalment stays, the last fall away
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_instalment
2026-02-05  pay     L1  1,020.07
2026-02-05  prepay  L1  1,009.93 term
# 1,000.00 and its interest 10.00 are less than the level 1,020.07: one instalment of 1,010.00
2026-02-05  expect  L1  not-due 1,000.00  next 1,010.00
2026-03-05  expect  L1  due 1,010.00  next 0.00  next-due none

== Prepaid: what is due comes first
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-10  prepay  L1  1,530.00 instalment
# 1,030.00 was due; 500.00 cuts principal
2026-02-10  expect  L1  due 0.00  not-due 1,500.00

== Prepaid in full: interest of the days that passed, nothing for the rest
2026-01-05  loan    L1  3,600.00 CNY  12 monthly  10.0%  interest_only
2026-01-20  expect  L1  settle 3,615.00      # 3,600.00 x 10% x 15 / 360 = 15.00
2026-01-20  prepay  L1  3,615.00 term
2026-01-20  expect  L1  status settled  due 0.00  credit 0.00
2026-03-20  expect  L1  due 0.00  dpd 0

== Prepaid beyond all that is owed: the rest is credit
2026-01-05  loan    L1  3,600.00 CNY  12 monthly  10.0%  interest_only
2026-01-20  prepay  L1  3,700.00 instalment
2026-01-20  expect  L1  status settled  credit 85.00

== Early money on a given schedule is taken from its end; its interest is never raised
2026-01-05  loan    L1  300.00 CNY  12.0%  row 2026-02-05 100.00 3.00  row 2026-03-05 100.00 2.00  row 2026-04-05 100.00 1.00
2026-02-05  prepay  L1  223.00 term
# 103.00 due; 120.00 from the end: 100.00 of the last, 20.00 of the second; 80.00 x 1% = 0.80
2026-02-05  expect  L1  not-due 80.00  next 80.80  next-due 2026-03-05
2026-03-05  expect  L1  due 80.80  next-due none

== A floating rate is reset: equal instalments are reckoned anew
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_instalment
2026-02-05  pay     L1  1,020.07
2026-02-05  rate    L1  6.0%
# 2,009.93 at 0.5% over two: 2,009.93 x 0.5% x 1.005^2 / (1.005^2 - 1) = 1,012.51
2026-02-05  expect  L1  next 1,012.51
# interest 2,009.93 x 0.5% = 10.05
2026-03-05  expect  L1  principal 1,002.46  interest 10.05

== A second tranche on a due day does not join what falls due that day
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-05  draw    L1  2,000.00
# due 1,000.00 and 30.00; then 2,000.00 + 2,000.00 on two, interest 4,000.00 x 1% = 40.00
2026-02-05  expect  L1  principal 1,000.00  interest 30.00  not-due 4,000.00  next 2,040.00

== A floating rate is reset within a period: each day at its own rate
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  day-count act/360
2026-01-15  rate    L1  20.0%
# 10 days at 10.00 and 21 at 20.00: 10 x 10.00 + 21 x 20.00 = 520.00
2026-01-20  expect  L1  accrued 200.00
2026-02-05  expect  L1  interest 520.00
2026-03-05  expect  L1  interest 1,080.00     # 520.00 + 28 x 20.00 = 1,080.00

== A rate change learnt late moves the interest of the period
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  day-count act/360
2026-01-15  rate    L1  20.0%  known 2026-02-20
2026-02-19  expect  L1  interest 310.00
2026-02-20  expect  L1  interest 520.00

== Equal principal keeps its parts when the rate changes
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-05  rate    L1  6.0%
2026-03-05  expect  L1  principal 2,000.00  interest 40.00   # 30.00 + 2,000.00 x 0.5% = 40.00

== Contract interest paused
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  day-count act/360
2026-01-15  pause   L1  interest  until 2026-01-25
# 31 days less 10: 21 x 10.00 = 210.00
2026-01-20  expect  L1  accrued 100.00
2026-02-05  expect  L1  interest 210.00
2026-03-05  expect  L1  interest 490.00      # 210.00 + 28 x 10.00 = 490.00

== A breathing space: interest, default interest and day counter stand still
2026-01-05  loan    L1  36,000.00 CNY  12 monthly  10.0%  interest_only  penalty 15.0%  day-count act/360
            penalty-base principal_and_interest
2026-02-15  pause   L1  interest penalty dpd  until 2026-03-01
# 310.00 x 15% x 10 / 360 = 1.29; from 1 to 5 March 310.00 x 15% x 14 / 360 = 1.81
2026-02-15  expect  L1  penalty 1.29  dpd 10
2026-03-01  expect  L1  penalty 1.29  dpd 10  accrued 100.00
2026-03-05  expect  L1  penalty 1.81  dpd 14  interest 450.00     # 310.00 + (28 - 14) x 10.00 = 450.00

== Waived: part of each category
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00 10.00  penalty 18.0%
2026-02-10  cost    L1  20.00
2026-02-15  waive   L1  cost 5.00
2026-02-15  waive   L1  fee all
2026-02-15  waive   L1  interest 30.00
2026-02-15  waive   L1  penalty 1.00
2026-02-15  waive   L1  principal 200.00
2026-02-15  expect  L1  cost 15.00  fee 0.00  interest 20.00  penalty 4.00  principal 800.00
# ten days on what is left: 800.00 x 18% x 10 / 360 = 4.00; 4.00 + 4.00 = 8.00
2026-02-25  expect  L1  penalty 8.00

== Waived principal beyond what is due is cut from what is not
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-05  waive   L1  principal 1,400.00
# 1,000.00 due falls away, 400.00 of 2,000.00: 1,600.00 on two
2026-02-05  expect  L1  principal 0.00  interest 30.00  not-due 1,600.00  next 816.00

== A waiver counts after the payments of its day
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00
2026-02-10  waive   L1  interest 30.00
2026-02-10  pay     L1  40.00
# 40.00 pays interest; of the waiver 10.00 finds something
2026-02-10  expect  L1  interest 0.00  principal 1,000.00

== Extended by a month, the added days bear interest
2026-01-05  loan    L1  3,600.00 CNY  2 monthly  10.0%  interest_only
2026-01-20  extend  L1  1 months  with-interest
# first instalment on 5 March for 60 days: 3,600.00 x 10% x 60 / 360 = 60.00
2026-02-20  expect  L1  due 0.00  dpd 0  accrued 45.00  next 60.00  next-due 2026-03-05
2026-03-05  expect  L1  interest 60.00
2026-04-05  expect  L1  interest 90.00  principal 3,600.00

== Extended by a month without interest
2026-01-05  loan    L1  3,600.00 CNY  2 monthly  10.0%  interest_only
2026-01-20  extend  L1  1 months  without-interest
2026-03-05  expect  L1  interest 30.00
2026-04-05  expect  L1  interest 60.00  principal 3,600.00

== Extended by days: what is due already stays due
2026-01-05  loan    L1  300.00 CNY  3 monthly  0%  equal_principal
2026-02-10  extend  L1  10 days  without-interest
2026-03-10  expect  L1  due 100.00  dpd 33  next-due 2026-03-15
2026-03-15  expect  L1  due 200.00  next-due 2026-04-15

== Restructured: all principal on a new schedule, interest and default interest stay owed outside it
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  penalty 18.0%
2026-02-20  restructure  L1  6.0%  6 monthly
# due: 1,000.00 + 30.00, default 1,000.00 x 18% x 15 / 360 = 7.50; accrued 2,000.00 x 12% x 15 / 360 = 10.00
# new: 3,000.00 / 6 = 500.00, interest 3,000.00 x 0.5% = 15.00
2026-02-20  expect  L1  dpd 0  principal 0.00  interest 40.00  penalty 7.50  not-due 3,000.00  next 515.00  next-due 2026-03-20
2026-03-20  expect  L1  principal 500.00  interest 55.00  penalty 7.50

== Restructured, interest and default interest capitalised
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  penalty 18.0%
2026-02-20  restructure  L1  6.0%  capitalise interest,penalty  6 monthly
# 3,000.00 + 40.00 + 7.50 = 3,047.50
2026-02-20  expect  L1  due 0.00  not-due 3,047.50

== Restructured, default interest given up where the contract restarts it
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  penalty 18.0%  recast-penalty restart
2026-02-20  restructure  L1  6.0%  6 monthly
2026-02-20  expect  L1  interest 40.00  penalty 0.00  not-due 3,000.00

== Restructured on rows that the agreement gives
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00
2026-02-20  restructure  L1  0%  capitalise interest  row 2026-04-20 525.00 5.00  row 2026-05-20 525.00 2.50
2026-02-20  expect  L1  due 0.00  not-due 1,050.00  next 530.00  next-due 2026-04-20
2026-04-20  expect  L1  principal 525.00  interest 5.00

== Accelerated: everything is due, with interest up to the day and none of periods not begun
2026-01-05  loan    L1  3,600.00 CNY  12 monthly  10.0%  interest_only  penalty 15.0%
2026-03-20  accelerate  L1
# two months 60.00, 15 days 15.00
2026-03-19  expect  L1  due 60.00  dpd 42  penalty 0.00
2026-03-20  expect  L1  principal 3,600.00  interest 75.00  not-due 0.00  accrued 0.00  dpd 43
# ten days on all of it: 3,600.00 x 15% x 10 / 360 = 15.00
2026-03-30  expect  L1  penalty 15.00  interest 75.00  dpd 53
2026-04-05  expect  L1  interest 75.00

== Accelerated: fees of periods not begun are not claimed
2026-01-05  loan    L1  300.00 CNY  row 2026-02-05 100.00 0.00 5.00  row 2026-03-05 100.00 0.00 5.00  row 2026-04-05 100.00 0.00 5.00
2026-02-10  accelerate  L1
2026-02-10  expect  L1  principal 300.00  fee 10.00  due 310.00

== Written off: the claim stays, and bears on
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  write-off  L1
2026-02-15  expect  L1  status written_off  due 1,005.00  dpd 10
2026-02-25  recover    L1  1,010.00
2026-02-24  expect  L1  status written_off  penalty 9.50
2026-02-25  expect  L1  status settled  due 0.00

== Recovered in part after write-off
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  write-off  L1
2026-02-25  recover    L1  510.00
2026-02-25  expect  L1  status written_off  principal 500.00  penalty 0.00  dpd 20  paid 510.00

== Sold: nothing is owed to us
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal  penalty 18.0%
2026-02-20  sell    L1
2026-02-19  expect  L1  due 1,037.00  not-due 2,000.00     # 1,030.00 + 1,000.00 x 18% x 14 / 360 = 1,037.00
2026-02-20  expect  L1  status sold  due 0.00  not-due 0.00  dpd 0  settle 0.00
2026-02-25  pay     L1  100.00
2026-02-25  expect  L1  status sold  due 0.00  credit 100.00

== Taken over in mid-life: balances overdue, the rest on the instalments to come
2025-07-05  loan     L1  12,000.00 CNY  12 monthly  12.0%  equal_principal  penalty 18.0%  undrawn
2026-01-10  opening  L1  not-due 6,000.00  due 1,000.00  interest 70.00  penalty 2.50  since 2026-01-05
2026-01-09  expect   L1  status not_drawn
2026-01-10  expect   L1  principal 1,000.00  interest 70.00  penalty 2.50  not-due 6,000.00  dpd 5  next-due 2026-02-05
# 6,000.00 on six: 1,000.00 each, interest 6,000.00 x 1% = 60.00; default 2.50 + 1,000.00 x 18% x 26 / 360 = 15.50
2026-02-05  expect   L1  principal 2,000.00  interest 130.00  penalty 15.50  dpd 31

== Taken over with nothing overdue
2025-07-05  loan     L1  12,000.00 CNY  12 monthly  12.0%  equal_principal  undrawn
2026-01-10  opening  L1  not-due 6,000.00
2026-01-10  expect   L1  due 0.00  not-due 6,000.00  dpd 0  accrued 10.00   # 6,000.00 x 12% x 5 / 360 = 10.00

== An opening position supersedes what is known of the time before
2025-07-05  loan     L1  12,000.00 CNY  12 monthly  12.0%  equal_principal
2026-01-10  expect   L1  dpd 158  principal 6,000.00
2026-01-10  opening  L1  not-due 6,000.00
2026-01-10  expect   L1  dpd 0  principal 0.00  due 0.00  not-due 6,000.00

== Notes about collateral and guarantees change no amount
2026-01-05  loan        L1  1,000.00 CNY  row 2026-02-05 1,000.00
2026-02-10  collateral  L1
2026-02-11  guarantee   L1
2026-02-15  expect      L1  due 1,000.00  dpd 10

== On one day agreements come before what falls due, and money after it
2026-01-05  loan    L1  36,000.00 CNY  2 monthly  10.0%  interest_only  day-count act/360
2026-02-05  rate    L1  20.0%
2026-02-05  fee     L1  15.00
2026-02-05  pay     L1  325.00
# the new rate begins on the due day, so the period's 31 days are at the old one: 310.00; 310.00 + 15.00 = 325.00
2026-02-05  expect  L1  due 0.00
2026-03-05  expect  L1  interest 560.00

== All principal waived
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-20  waive   L1  principal all
# interest of the running period stays for the days gone: 2,000.00 x 12% x 15 / 360 = 10.00
2026-02-20  expect  L1  principal 0.00  interest 30.00  not-due 0.00  accrued 10.00
2026-03-05  expect  L1  interest 40.00
2026-04-05  expect  L1  interest 40.00  principal 0.00

== Part of the principal waived within a period: each day on what was owed then
2026-01-05  loan    L1  3,600.00 CNY  2 monthly  10.0%  interest_only
2026-01-20  waive   L1  principal 1,200.00
2026-02-05  expect  L1  interest 25.00  not-due 2,400.00

== A given schedule extended with interest
2026-01-05  loan    L1  3,600.00 CNY  10.0%  day-count act/360  row 2026-02-05 3,600.00 31.00
2026-01-25  extend  L1  10 days  with-interest
# a day costs 3,600.00 x 10% / 360 = 1.00: 31.00 + 10.00 = 41.00
2026-02-05  expect  L1  due 0.00  accrued 31.00  next-due 2026-02-15
2026-02-15  expect  L1  interest 41.00

== A given schedule extended without interest
2026-01-05  loan    L1  3,600.00 CNY  10.0%  day-count act/360  row 2026-02-05 3,600.00 31.00
2026-01-25  extend  L1  10 days  without-interest
2026-02-15  expect  L1  interest 31.00

== Restructured: fees, costs and compound interest stay owed too, or are capitalised by name
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00 7.00  penalty 18.0%  compound 18.0%
            compound-on interest  early-money reduce_instalment
2026-02-10  cost    L1  20.00
2026-02-25  restructure  L1  0%  2 monthly
# compound 100.00 x 18% x 20 / 360 = 1.00
2026-02-25  expect  L1  fee 7.00  cost 20.00  interest 100.00  penalty 10.00  compound 1.00  not-due 1,000.00  dpd 0
2026-03-15  expect  L1  fee 7.00  cost 20.00  interest 100.00  penalty 10.00  compound 1.00  overdue 138.00
2026-01-05  loan    L2  1,000.00 CNY  row 2026-02-05 1,000.00 100.00 7.00  penalty 18.0%  compound 18.0%  compound-on interest
2026-02-10  cost    L2  20.00
2026-02-25  restructure  L2  0%  capitalise cost,fee,interest,penalty,compound  2 monthly
2026-02-25  expect  L2  due 0.00  not-due 1,138.00

== Restructured twice: what the first left over stays, where the contract restarts
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%
2026-02-25  restructure  L1  0%  2 monthly
2026-03-30  restructure  L1  0%  2 monthly
# first: 100.00 interest and 10.00 default. Second: 500.00 was due on 25 March, 5 days: 1.25
2026-03-30  expect  L1  interest 100.00  penalty 11.25  not-due 1,000.00
2026-01-05  loan    L2  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%  recast-penalty restart
2026-02-25  restructure  L2  0%  2 monthly
2026-03-30  restructure  L2  0%  2 monthly
2026-03-30  expect  L2  interest 100.00  penalty 0.00  not-due 1,000.00

== Restructured within a forgiving grace: what the grace held back falls away
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace forgive
2026-02-07  restructure  L1  0%  capitalise penalty  2 monthly
2026-02-07  expect  L1  not-due 1,000.00  penalty 0.00  due 0.00
2026-03-01  expect  L1  penalty 0.00

== Restructured on rows that do not add up: the last row takes the difference
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00
2026-02-20  restructure  L1  0%  row 2026-04-20 400.00  row 2026-05-20 400.00
2026-04-20  expect  L1  principal 400.00  not-due 600.00
2026-01-05  loan    L2  1,000.00 CNY  row 2026-02-05 1,000.00
2026-02-20  restructure  L2  0%  row 2026-04-20 600.00  row 2026-05-20 600.00
2026-04-20  expect  L2  principal 600.00  not-due 400.00

== Paid out more than a given schedule says: the last instalment takes the difference
2026-01-05  loan    L1  1,200.00 CNY  row 2026-02-05 500.00 5.00  row 2026-03-05 500.00 5.00
2026-01-05  expect  L1  not-due 1,200.00  next 505.00
2026-03-05  expect  L1  principal 1,200.00  interest 10.00

== Paid out when no instalment is to come: due at once
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00
2026-02-10  draw    L1  50.00
2026-02-10  expect  L1  principal 50.00  due 50.00  dpd 0

== A given schedule after the last instalment was due
2026-01-05  loan      L1  900.00 CNY  day-count act/360  row 2026-02-05 900.00 9.00
2026-02-15  schedule  L1  row 2026-02-25 300.00 5.00  row 2026-03-05 300.00
2026-02-20  expect    L1  due 909.00  not-due 600.00  accrued 2.50  next 305.00
2026-02-25  expect    L1  due 1,214.00

== Prepaid with more than principal, less than principal and interest
2026-01-05  loan    L1  3,600.00 CNY  12 monthly  10.0%  interest_only
2026-01-20  prepay  L1  3,610.00 term
# principal is cut in full, 10.00 is held; the 15.00 of interest fall due on 5 February
2026-01-20  expect  L1  not-due 0.00  credit 10.00  accrued 15.00  settle 5.00
2026-02-05  expect  L1  interest 5.00  credit 0.00  due 5.00

== Taken over on a due day: that instalment counts as gone
2025-07-05  loan     L1  12,000.00 CNY  12 monthly  12.0%  equal_principal  undrawn
2026-01-05  opening  L1  not-due 6,000.00
2026-01-05  expect   L1  due 0.00  accrued 0.00  next 1,060.00  next-due 2026-02-05
2026-02-05  expect   L1  principal 1,000.00  interest 60.00

== Taken over with a given schedule
2025-11-05  loan     L1  400.00 CNY  undrawn  row 2026-01-05 200.00 4.00  row 2026-02-05 100.00 2.00  row 2026-03-05 100.00 1.00
2026-01-10  opening  L1  not-due 200.00
2026-02-05  expect   L1  principal 100.00  interest 2.00  not-due 100.00
2025-11-05  loan     L2  400.00 CNY  undrawn  row 2026-01-05 200.00 4.00  row 2026-02-05 100.00 2.00  row 2026-03-05 100.00 1.00
2026-01-10  opening  L2  not-due 150.00
# his 2.00 were reckoned on 200.00: 2.00 x 150.00 / 200.00 = 1.50
2026-02-05  expect   L2  principal 100.00  interest 1.50  not-due 50.00

== Sold within a forgiving grace
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace forgive
2026-02-07  sell    L1
2026-02-10  expect  L1  status sold  due 0.00  penalty 0.00

== Money received after a sale that bounced is no credit
2026-01-05  loan     L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-05  pay      L1  200.00  ref P1
2026-02-10  sell     L1
2026-02-12  pay      L1  100.00  ref P2
2026-02-12  expect   L1  credit 100.00
2026-02-15  reverse  L1  P2
2026-02-15  expect   L1  credit 0.00  due 0.00  paid 200.00
2026-02-16  reverse  L1  P1
2026-02-16  expect   L1  credit 0.00  due 0.00  paid 0.00

== Scheduled fees fall away with the instalments that early money covers, and come back when it bounces
2026-01-05  loan     L1  400.00 CNY  12.0%  reversal from_bounce_day  row 2026-02-05 100.00 4.00 2.00  row 2026-03-05 100.00 3.00 2.00  row 2026-04-05 100.00 2.00 2.00  row 2026-05-05 100.00 1.00 2.00
2026-02-05  pay      L1  106.00
2026-02-06  prepay   L1  200.00 term  ref P1
# 3.00 x (300.00 x 1 + 100.00 x 27) / (300.00 x 28) = 1.07
2026-03-05  expect   L1  due 103.07  next-due none
2026-03-05  pay      L1  103.07
2026-03-06  expect   L1  due 0.00  next-due none
2026-03-06  reverse  L1  P1
# the bounce takes back the 103.07 applied last, then 96.93 of the early money: one instalment, and its fee, is back
# 96.93 x 12% x 29 / 360 = 0.94; 103.07 + 96.93 + 0.94 + 2.00 = 202.94
2026-04-05  expect   L1  due 202.94
2026-05-05  expect   L1  due 202.94

== What falls away bears no scheduled fee; an instalment whose principal was never any bears it
2026-01-05  loan     L1  200.00 CNY  row 2026-02-05 100.00 4.00 2.00  row 2026-03-05 100.00 3.00 2.00  row 2026-04-05 0.00 0.00 2.00
# L2: less is drawn than was scheduled; 50.00 + 4.00 x 50.00 / 200.00 + 2.00
2026-01-05  loan     L2  100.00 CNY  row 2026-02-05 100.00 4.00 2.00  row 2026-03-05 100.00 3.00 2.00
2026-01-05  prepay   L2  50.00 instalment
2026-04-05  expect   L1  due 213.00
2026-03-05  expect   L2  due 53.00

== A lower rate lowers what the lender gave, from its day; a higher one does not raise it
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L1  5.0%
# 15 x 10.00 + 16 x 5.00 = 230.00
2026-02-05  expect  L1  interest 230.00
2026-01-05  loan    L2  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-05  rate    L2  5.0%
2026-02-05  expect  L2  interest 155.00
2026-01-05  loan    L3  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L3  20.0%
2026-02-05  expect  L3  interest 310.00

== A rate of nothing is a rate
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L1  0%
2026-02-05  expect  L1  interest 150.00
2026-01-05  loan    L2  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-05  rate    L2  0%
2026-02-05  expect  L2  interest 0.00

== What the lender reckons without days no rate lowers
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00 days 0
2026-01-20  rate    L1  20.0%
2026-02-05  expect  L1  interest 310.00

== Without a rate in the contract a new one does not lower what is given
2026-01-05  loan    L1  36,500.00 CNY  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L1  10.0%
2026-02-05  expect  L1  interest 310.00

== Grace that was granted holds for the schedule to come
2026-01-05  loan    L1  36,500.00 CNY  1 monthly 10.0%  bullet day-count act/365 dpd-grace shift
2026-01-10  grace   L1  10
2026-02-16  expect  L1  dpd 1
2026-01-05  loan    L2  36,500.00 CNY  1 monthly 10.0%  bullet day-count act/365 dpd-grace shift undrawn
2026-01-05  draw    L2  36,500.00 ref D
2026-01-10  grace   L2  10
2026-01-12  reverse L2  D
2026-01-15  draw    L2  36,500.00
2026-02-16  expect  L2  dpd 1

== A settled loan bears no scheduled fee
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00 1.00 2.00  row 2026-03-05 0.00 0.00 2.00  reversal from_bounce_day
2026-01-05  prepay  L1  102.00 instalment
2026-01-05  expect  L1  next-due none status settled
2026-01-05  loan    L2  100.00 CNY  row 2026-02-05 100.00 1.00 2.00  row 2026-03-05 0.00 0.00 2.00
2026-01-05  prepay  L2  102.00 instalment
2026-01-05  expect  L2  next-due none status settled

== A raise does not reach back on what a lower rate had lowered
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-05  rate    L1  5.0%
2026-01-19  expect  L1  accrued 70.00
2026-01-20  rate    L1  10.0%
2026-01-20  expect  L1  accrued 75.00 settle 36,575.00
2026-02-05  expect  L1  interest 235.00

== A cut does not reach back either
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L1  5.0%
2026-01-20  expect  L1  accrued 150.00

== What a lower rate and a raise leave of a given schedule: each day no more than the even share and than its rates
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-05  rate    L1  0%
2026-01-19  expect  L1  accrued 0.00  settle 36,500.00
2026-01-20  rate    L1  20.0%
2026-01-20  expect  L1  accrued 0.00  settle 36,500.00
2026-01-21  expect  L1  accrued 20.00
2026-02-05  expect  L1  interest 310.00
2026-01-05  loan    L2  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-15  rate    L2  20.0%
2026-01-20  expect  L2  accrued 150.00
2026-01-20  rate    L2  0%
2026-01-20  expect  L2  accrued 150.00
# 10 days at 10 % and 5 at 20 %: 200.00
2026-01-25  expect  L2  accrued 200.00
2026-02-05  expect  L2  interest 200.00
2026-01-05  loan    L3  36,500.00 CNY  20.0%  day-count act/365  row 2026-02-05  36,500.00  310.00
2026-01-20  rate    L3  0%
2026-01-20  accelerate L3
2026-01-20  expect  L3  interest 150.00

== A rate that was lowered before the payout or an opening position holds for the given schedule
2026-01-05  loan    L1  36,000.00 CNY  10.0%  undrawn  row 2026-02-05  0.00  300.00 row 2026-03-05  36,000.00  300.00
2026-01-04  rate    L1  5.0%
2026-01-05  draw    L1  36,000.00
2026-02-05  expect  L1  interest 150.00
2026-01-05  loan    L2  36,000.00 CNY  10.0%  row 2026-02-05  0.00  300.00 row 2026-03-05  36,000.00  300.00
2026-01-05  rate    L2  5.0%
2026-02-06  opening L2  not-due 36,000.00
2026-03-05  expect  L2  interest 150.00
# a schedule that the lender gave at the new rate is as he gave it
2026-01-05  loan    L3  36,000.00 CNY  1 monthly  10.0%  bullet  undrawn
2026-01-05  rate    L3  5.0%
2026-01-06  schedule L3 row 2026-02-06  36,000.00  300.00
2026-01-06  draw    L3  36,000.00
2026-02-06  expect  L3  interest 300.00

== Called due between an early due day and the end of its period: no day bears twice
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5%  penalty-mode beside
2026-02-14  pay     L1  310.00
2026-02-15  accelerate L1
2026-02-17  expect  L1  interest 0.00
2026-02-19  expect  L1  interest 20.00
2026-01-17  loan    L2  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5%
2026-02-14  pay     L2  310.00
2026-02-15  accelerate L2
2026-02-17  expect  L2  penalty 0.00
2026-02-18  expect  L2  penalty 36.50
