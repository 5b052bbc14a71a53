# Leap days, month ends, holidays.

== Due on the 31st: the last day of shorter months, and the 31st again
2026-01-31  loan    L1  36,500.00 CNY  4 monthly  10.0%  interest_only  day-count act/365
# a day costs 36,500.00 x 10% / 365 = 10.00: 28, 31 and 30 days; 280.00 + 310.00 + 300.00 = 890.00
2026-02-27  expect  L1  due 0.00  next-due 2026-02-28
2026-02-28  expect  L1  interest 280.00  next-due 2026-03-31
2026-03-31  expect  L1  interest 590.00  next-due 2026-04-30  dpd 31
2026-04-30  expect  L1  interest 890.00  next-due 2026-05-31  dpd 61

== Due on the 31st under 30/360: every month is a month
2026-01-31  loan    L1  10,000.00 CNY  3 monthly  12.0%  interest_only
2026-02-28  expect  L1  interest 100.00
2026-03-31  expect  L1  interest 200.00
2026-04-30  expect  L1  interest 300.00

== Due on the 29th of February, a leap year
2024-01-31  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365
# 31 January to 29 February: 29 days, to 31 March 31
2024-02-28  expect  L1  due 0.00
2024-02-29  expect  L1  interest 290.00  dpd 0
2024-03-01  expect  L1  interest 290.00  dpd 1
2024-03-31  expect  L1  interest 600.00  dpd 31

== A leap day is a day past due
2024-02-05  loan    L1  100.00 CNY  1 every-5-days  0%  bullet
2024-03-10  expect  L1  dpd 29        # due 10 February: 29 days of February 2024
2025-02-05  loan    L2  100.00 CNY  1 every-5-days  0%  bullet
2025-03-10  expect  L2  dpd 28

== Paid out on a leap day, due a year later
2024-02-29  loan    L1  36,500.00 CNY  1 yearly  10.0%  bullet  day-count act/365
# 29 February 2024 to 28 February 2025: 365 days, 36,500.00 x 10% x 365 / 365 = 3,650.00
2025-02-27  expect  L1  due 0.00
2025-02-28  expect  L1  interest 3,650.00  principal 36,500.00

== act/365 counts 366 days of a leap year
2024-01-01  loan    L1  36,500.00 CNY  1 yearly  10.0%  bullet  day-count act/365
2025-01-01  expect  L1  interest 3,660.00

== 30/360 through a leap February
2024-02-10  loan    L1  10,000.00 CNY  1 monthly  18.0%  bullet
# 19 days to 29 February, 20 to 30 (= 21 to 1 March): 10,000.00 x 18% x 19 / 360 = 95.00; 21: 105.00
2024-02-29  expect  L1  accrued 95.00
2024-03-01  expect  L1  accrued 105.00
2024-03-10  expect  L1  interest 150.00

== Default interest over a leap day
2024-01-10  loan    L1  1,000.00 CNY  row 2024-02-10 1,000.00  penalty 18.0%
# 10 February to 10 March 29 days: 1,000.00 x 18% x 29 / 360 = 14.50
2024-03-10  expect  L1  penalty 14.50  dpd 29

== A due day in the Spring Festival stays, where the contract does not move it
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
2026-02-17  expect  L1  interest 100.00
2026-02-18  expect  L1  dpd 1

== A due day in the Spring Festival moves to the next working day, without interest
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23  holiday-shift following
2026-02-23  expect  L1  due 0.00  next-due 2026-02-24
2026-02-24  expect  L1  interest 100.00  dpd 0
2026-02-25  expect  L1  dpd 1
2026-03-17  expect  L1  interest 200.00

== The same with interest for the days of the shift
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
            holiday-shift following  holiday-interest yes
# 17 January to 24 February 37 days of 30/360: 10,000.00 x 12% x 37 / 360 = 123.33; to 17 March 23 days
# 10,000.00 x 12% x 23 / 360 = 76.67; 123.33 + 76.67 = 200.00
2026-02-24  expect  L1  interest 123.33
2026-03-17  expect  L1  interest 200.00

== Moved to the working day before
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23  holiday-shift preceding
2026-02-13  expect  L1  due 0.00  next-due 2026-02-14
2026-02-14  expect  L1  interest 100.00
2026-02-15  expect  L1  dpd 1

== Moved to the working day before, with fewer days of interest
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
            holiday-shift preceding  holiday-interest yes
# 17 January to 14 February 27 days: 10,000.00 x 12% x 27 / 360 = 90.00
2026-02-14  expect  L1  interest 90.00

== Weekends rest
2026-01-07  loan    L1  100.00 CNY  1 monthly  0%  bullet  rest weekends  holiday-shift following
2026-02-08  expect  L1  due 0.00  next-due 2026-02-09   # 7 February 2026 is a Saturday
2026-02-10  expect  L1  dpd 1

== A moved due day does not move the ones after it
2026-01-31  loan    L1  36,500.00 CNY  3 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-28..2026-03-01
            holiday-shift following
# due 2 March for 28 days' interest, then 31 March for 31 days'
2026-03-02  expect  L1  interest 280.00  next-due 2026-03-31
2026-03-31  expect  L1  interest 590.00  next-due 2026-04-30

== What falls due within seven days
2026-01-05  loan    L1  100.00 CNY  2 monthly  0%  equal_principal
2026-01-28  expect  L1  due 0.00  week 0.00
2026-01-29  expect  L1  due 0.00  week 50.00
2026-02-05  expect  L1  due 50.00  week 50.00  next 50.00
