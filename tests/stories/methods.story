# How loans are repaid: each method, each day count, each kind of period. Sums are worked by hand; a test reckons them.

== 等额本息, equal instalments: three months at 12 %, the last takes the remainder
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_instalment
# level: 3,000.00 x 1% x 1.01^3 / (1.01^3 - 1) = 1,020.07
# 1st: interest 3,000.00 x 1% = 30.00, principal 1,020.07 - 30.00 = 990.07, left 3,000.00 - 990.07 = 2,009.93
# 2nd: interest 2,009.93 x 1% = 20.10, principal 1,020.07 - 20.10 = 999.97, left 2,009.93 - 999.97 = 1,009.96
# 3rd: interest 1,009.96 x 1% = 10.10, principal is what is left: 1,009.96 + 10.10 = 1,020.06
2026-01-05  expect  L1  status active  dpd 0  due 0.00  not-due 3,000.00  next 1,020.07  next-due 2026-02-05
2026-02-05  expect  L1  principal 990.07  interest 30.00  not-due 2,009.93  dpd 0  overdue 0.00
2026-02-05  pay     L1  1,020.07
2026-03-05  expect  L1  principal 999.97  interest 20.10  not-due 1,009.96
2026-03-05  pay     L1  1,020.07
2026-04-05  expect  L1  principal 1,009.96  interest 10.10  not-due 0.00  due 1,020.06
2026-04-05  pay     L1  1,020.06
2026-04-06  expect  L1  status settled  due 0.00  settle 0.00  credit 0.00  dpd 0  paid 3,060.20

== 等额本息 at no interest: equal parts, the remainder with the last
2026-01-05  loan    L1  100.00 CNY  3 monthly  0%  equal_instalment
# 100.00 / 3 = 33.33; last 100.00 - 33.33 - 33.33 = 33.34
2026-02-05  expect  L1  due 33.33
2026-04-05  expect  L1  due 100.00  overdue 66.66

== The level of the house's own example: 12,000.00 at 9 % over a year
2026-01-05  loan    L1  12,000.00 CNY  12 monthly  9.0%  equal_instalment
# 12,000.00 x 0.75% x 1.0075^12 / (1.0075^12 - 1) = 1,049.42; 1,049.42 - 500.00 = 549.42
2026-02-20  pay     L1     500.00
2026-03-01  expect  L1  dpd 24  stage M1  due 549.42

== 等额本金, equal principal: the same principal each month, the last takes the remainder
2026-01-05  loan    L1  1,000.00 CNY  3 monthly  12.0%  equal_principal
# 1,000.00 / 3 = 333.33; last 1,000.00 - 333.33 - 333.33 = 333.34
# interest: 1,000.00 x 1% = 10.00, 666.67 x 1% = 6.67, 333.34 x 1% = 3.33
2026-02-05  expect  L1  principal 333.33  interest 10.00  next 340.00
2026-03-05  expect  L1  principal 666.66  interest 16.67  next 336.67
2026-04-05  expect  L1  principal 1,000.00  interest 20.00  next 0.00  next-due none

== 先息后本, interest only: principal with the last
2026-01-05  loan    L1  10,000.00 CNY  4 quarterly  6.0%  interest_only
# 10,000.00 x 6% x 90 / 360 = 150.00
2026-04-05  expect  L1  principal 0.00  interest 150.00  not-due 10,000.00
2026-04-05  pay     L1  150.00
2026-07-05  pay     L1  150.00
2026-10-05  pay     L1  150.00
2027-01-04  expect  L1  due 0.00  next 10,150.00  next-due 2027-01-05
2027-01-05  expect  L1  principal 10,000.00  interest 150.00

== 到期还本付息, bullet: everything on one day
2026-01-05  loan    L1  10,000.00 CNY  6 monthly  6.0%  bullet
# 10,000.00 x 6% x 180 / 360 = 300.00; accrued by 15 January, ten days: 10,000.00 x 6% x 10 / 360 = 16.67
2026-01-15  expect  L1  due 0.00  accrued 16.67  settle 10,016.67  next 10,300.00  next-due 2026-07-05
2026-07-04  expect  L1  due 0.00  week 10,300.00
2026-07-05  expect  L1  due 10,300.00  dpd 0
2026-07-06  expect  L1  due 10,300.00  dpd 1

== A schedule as the lender gives it, with a fee
2026-01-05  loan    L1  900.00 CNY
            row 2026-02-05  400.00  9.00  1.00
            row 2026-03-05  500.00  5.00
2026-02-05  expect  L1  principal 400.00  interest 9.00  fee 1.00  due 410.00
2026-03-05  expect  L1  principal 900.00  interest 14.00  fee 1.00  due 915.00  overdue 410.00  dpd 28

== A given schedule: interest of the running period grows evenly to what the lender says
2026-01-05  loan    L1  900.00 CNY  day-count act/365
            row 2026-02-05  900.00  31.00
2026-01-15  expect  L1  accrued 10.00

== Day count 30/360: every whole month counts 30 days
2026-01-05  loan    L1  10,000.00 CNY  12 monthly  18.0%  interest_only  day-count 30/360
# 10,000.00 x 18% x 30 / 360 = 150.00
2026-02-05  expect  L1  interest 150.00
2026-03-05  expect  L1  interest 300.00

== Day count act/360: January has 31 days, February 28
2026-01-05  loan    L1  10,000.00 CNY  12 monthly  18.0%  interest_only  day-count act/360
# 10,000.00 x 18% x 31 / 360 = 155.00; 10,000.00 x 18% x 28 / 360 = 140.00; 155.00 + 140.00 = 295.00
2026-02-05  expect  L1  interest 155.00
2026-03-05  expect  L1  interest 295.00

== Day count act/365
2026-01-05  loan    L1  10,000.00 CNY  12 monthly  18.0%  interest_only  day-count act/365
# 10,000.00 x 18% x 31 / 365 = 152.88; 10,000.00 x 18% x 28 / 365 = 138.08; 152.88 + 138.08 = 290.96
2026-02-05  expect  L1  interest 152.88
2026-03-05  expect  L1  interest 290.96

== Within a month, 30/360 counts the 31st as the 30th
2026-01-05  loan    L1  10,000.00 CNY  12 monthly  18.0%  interest_only
# from 5 to 30 January 25 days, and to the 31st as many: 10,000.00 x 18% x 25 / 360 = 125.00
2026-01-30  expect  L1  accrued 125.00
2026-01-31  expect  L1  accrued 125.00
# 1 February is 26 days: 10,000.00 x 18% x 26 / 360 = 130.00
2026-02-01  expect  L1  accrued 130.00

== Interest counts the first day, not the last (算头不算尾)
2026-01-05  loan    L1  36,000.00 CNY  1 monthly  10.0%  bullet  day-count act/360
# a day costs 36,000.00 x 10% / 360 = 10.00; 31 days: 31 x 10.00 = 310.00
2026-01-05  expect  L1  accrued 0.00
2026-01-06  expect  L1  accrued 10.00
2026-02-04  expect  L1  accrued 300.00
2026-02-05  expect  L1  interest 310.00  accrued 0.00

== A daily loan
2026-01-05  loan    L1  3,000.00 CNY  30 daily  36.0%  equal_principal  day-count act/360
# 3,000.00 / 30 = 100.00; 3,000.00 x 36% / 360 = 3.00; 2,900.00 x 36% / 360 = 2.90
2026-01-06  expect  L1  due 103.00
2026-01-07  expect  L1  principal 200.00  interest 5.90  dpd 1
2026-02-04  expect  L1  principal 3,000.00  next-due none

== Every 14 days
2026-01-05  loan    L1  36,500.00 CNY  3 fortnightly  10.0%  interest_only  day-count act/365
# 36,500.00 x 10% x 14 / 365 = 140.00
2026-01-19  expect  L1  interest 140.00
2026-02-02  expect  L1  interest 280.00
2026-02-16  expect  L1  interest 420.00  principal 36,500.00

== Every ten days, the level from nominal periods
2026-01-05  loan    L1  1,000.00 CNY  2 every-10-days  36.0%  equal_instalment  day-count act/360
# a period costs 1%: 1,000.00 x 1% x 1.01^2 / (1.01^2 - 1) = 507.51; interest 10.00, principal 507.51 - 10.00 = 497.51
# last: 1,000.00 - 497.51 = 502.49, interest 502.49 x 1% = 5.02
2026-01-15  expect  L1  principal 497.51  interest 10.00
2026-01-25  expect  L1  principal 1,000.00  interest 15.02

== Level instalment from nominal periods, interest from actual days
2026-01-05  loan    L1  10,000.00 CNY  2 monthly  18.25%  equal_instalment  day-count act/365
# month: 18.25% / 12; level 10,000.00 x (18.25% / 12) x (1 + 18.25% / 12)^2 / ((1 + 18.25% / 12)^2 - 1) = 5,114.35
# a day costs 0.05%: 10,000.00 x 0.05% x 31 = 155.00; principal 5,114.35 - 155.00 = 4,959.35
# 10,000.00 - 4,959.35 = 5,040.65; 5,040.65 x 0.05% x 28 = 70.57
2026-02-05  expect  L1  principal 4,959.35  interest 155.00
2026-03-05  expect  L1  principal 10,000.00  interest 225.57

== Level instalment from actual days
2026-01-05  loan    L1  10,000.00 CNY  2 monthly  18.25%  equal_instalment  day-count act/365  level-from actual
# 31 days 1.55%, 28 days 1.4%: 10,000.00 x 1.0155 x 1.014 / (1.014 + 1) = 5,112.80
# principal 5,112.80 - 155.00 = 4,957.80; 10,000.00 - 4,957.80 = 5,042.20; 5,042.20 x 1.4% = 70.59
2026-02-05  expect  L1  principal 4,957.80  interest 155.00
2026-03-05  expect  L1  principal 10,000.00  interest 225.59

== A long first period by its days
2026-01-05  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  first-due 2026-02-20
# 45 days: 10,000.00 x 12% x 45 / 360 = 150.00; then a month: 10,000.00 x 12% x 30 / 360 = 100.00
2026-02-20  expect  L1  interest 150.00
2026-03-20  expect  L1  interest 250.00

== A long first period as one whole period
2026-01-05  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  first-due 2026-02-20  first-period full_period
2026-02-20  expect  L1  interest 100.00
2026-03-20  expect  L1  interest 200.00

== A short first period by its days
2026-01-05  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  first-due 2026-01-20
# 15 days: 10,000.00 x 12% x 15 / 360 = 50.00
2026-01-20  expect  L1  interest 50.00

== A currency without decimals
2026-01-05  loan    L1  100,000 JPY  3 monthly  0%  equal_principal
# 100,000 / 3 = 33,333; last 100,000 - 33,333 - 33,333 = 33,334
2026-02-05  expect  L1  due 33,333
2026-04-05  expect  L1  due 100,000

== Paid out in tranches: the second joins what is still to come
2026-01-05  loan    L1  6,000.00 CNY  3 monthly  12.0%  equal_principal
2026-02-20  draw    L1  3,000.00
# 1st: 2,000.00 and 6,000.00 x 1% = 60.00; left 4,000.00
# from 20 February 7,000.00 is laid on two instalments: 7,000.00 / 2 = 3,500.00
# 2nd: interest (4,000.00 x 15 + 7,000.00 x 15) x 12% / 360 = 55.00; 3rd: 3,500.00 x 1% = 35.00
2026-02-05  expect  L1  principal 2,000.00  interest 60.00  not-due 4,000.00
2026-02-05  pay     L1  2,060.00
2026-02-20  expect  L1  not-due 7,000.00  accrued 20.00       # 4,000.00 x 12% x 15 / 360 = 20.00
2026-03-05  expect  L1  principal 3,500.00  interest 55.00
2026-03-05  pay     L1  3,555.00
2026-04-05  expect  L1  principal 3,500.00  interest 35.00

== Not paid out yet: nothing is owed
2026-01-05  loan    L1  6,000.00 CNY  3 monthly  12.0%  equal_principal  undrawn
2026-03-01  expect  L1  status not_drawn  due 0.00  not-due 0.00  dpd 0

== A given schedule in place of what was not yet due
2026-01-05  loan      L1  900.00 CNY  row 2026-02-05 450.00 9.00  row 2026-03-05 450.00 5.00
2026-02-10  schedule  L1  row 2026-03-05 225.00 3.00  row 2026-04-05 225.00 3.00
2026-02-10  expect    L1  due 459.00  not-due 450.00  next 228.00  next-due 2026-03-05
2026-03-05  expect    L1  due 687.00  next-due 2026-04-05
